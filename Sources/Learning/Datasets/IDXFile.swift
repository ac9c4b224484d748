// The IDX format of MNIST: a magic number with type and number of dimensions, the dimensions, then
// the values, all big-endian. A file must have exactly the length that its header declares.

public import Foundation
import ZerOChecksums
import ZerOMessages

/// An IDX file of unsigned bytes.
///
/// ```
/// 0x00 0x00 0x08 d | dimension₁ … dimension_d, 32 bits each | Π dimensions bytes
/// ```
///
/// Reference: Y. LeCun, C. Cortes and C. J. C. Burges, "The MNIST database of handwritten digits".
public struct IDXFile: Sendable {
  /// The maximum size that a header may make the reader allocate; no such file needs more.
  static let maximumBytes = 1 << 32

  /// The maximum number of images.
  ///
  /// No such file has more, and PyTorch's permutations have a similar limit.
  static let maximumCount = 100_000_000

  /// The dimensions, slowest first.
  public let dimensions: [Int]

  /// The values, last dimension fastest.
  public let values: ContiguousArray<UInt8>

  /// SHA-256 of the stored file.
  let storedChecksum: String

  /// SHA-256 of the uncompressed contents; computed on demand, because it costs more than reading.
  let contentChecksum: @Sendable () -> String

  /// Reads a file, gzip or plain, distinguished by its first bytes.
  ///
  /// - Parameters:
  ///   - url: The file.
  ///   - dimensionCount: 3 for images, 1 for labels.
  /// - Throws: `DatasetError`, which names the file and the defect.
  public init(_ url: URL, dimensionCount: Int) throws(DatasetError) {
    try self.init(url, dimensionCounts: dimensionCount...dimensionCount)
  }

  /// Reads a file with any of several numbers of dimensions.
  init(_ url: URL, dimensionCounts: ClosedRange<Int>) throws(DatasetError) {
    try self.init(try readFile(url), path: url.path, dimensionCounts: dimensionCounts)
  }

  /// The names that a file may have: with `idx4` for images with channels, and with `.gz`.
  static func names(_ baseName: String) -> [String] {
    Set([baseName, baseName.replacing("-idx3-", with: "-idx4-")]).sorted()
      .flatMap { [$0, $0 + ".gz"] }
  }

  /// Decodes the bytes of a file, gzip or plain.
  ///
  /// - Parameters:
  ///   - stored: The bytes of the file.
  ///   - path: The name of the file in errors.
  ///   - dimensionCount: 3 for images, 1 for labels.
  /// - Throws: `DatasetError`, which names the file and the defect.
  public init(_ stored: [UInt8], path: String, dimensionCount: Int) throws(DatasetError) {
    try self.init(stored, path: path, dimensionCounts: dimensionCount...dimensionCount)
  }

  private init(_ stored: [UInt8], path: String, dimensionCounts: ClosedRange<Int>)
    throws(DatasetError)
  {
    // The magic number ends in the number of dimensions.
    let declared = try Self.contents(of: stored, path: path, limit: 4).last.map(Int.init) ?? 0
    let dimensionCount =
      dimensionCounts.contains(declared) ? declared : dimensionCounts.lowerBound
    let headerLength = 4 + 4 * dimensionCount
    let header = try Self.contents(of: stored, path: path, limit: headerLength)
    let words = stride(from: 0, to: header.count - 3, by: 4).map { start in
      header[start..<start + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    }
    guard let magic = words.first else {
      throw .truncated(path: path, expected: headerLength, found: header.count)
    }
    let expectedMagic = 0x0800 | UInt32(dimensionCount)
    guard magic == expectedMagic else {
      throw .wrongMagic(path: path, found: magic, expected: expectedMagic)
    }
    guard header.count == headerLength else {
      throw .truncated(path: path, expected: headerLength, found: header.count)
    }
    let dimensions = words.dropFirst().map(Int.init)
    let (count, overflow) = dimensions.reduce((1, false)) { partial, dimension in
      let (product, overflow) = partial.0.multipliedReportingOverflow(by: dimension)
      return (product, partial.1 || overflow)
    }
    guard !overflow, count > 0, count <= Self.maximumBytes, dimensions[0] <= Self.maximumCount
    else {
      throw .unreasonableSize(path: path, dimensions: dimensions)
    }
    let length = headerLength + count
    let contents = try Self.contents(of: stored, path: path, limit: length + 1)
    guard contents.count >= length else {
      throw .truncated(path: path, expected: length, found: contents.count)
    }
    guard contents.count == length else { throw .tooLong(path: path, expected: length) }
    self.dimensions = dimensions
    values = ContiguousArray(contents[headerLength...])
    storedChecksum = sha256(stored)
    contentChecksum = { sha256(contents) }
  }

  private static func contents(of stored: [UInt8], path: String, limit: Int)
    throws(DatasetError) -> [UInt8]
  {
    guard isGzip(stored) else { return Array(stored.prefix(limit)) }
    do {
      return try gunzip(stored, limit: limit)
    } catch {
      throw .corruptGzip(path: path, reason: error.reason)
    }
  }
}

/// Reads a whole file.
func readFile(_ url: URL) throws(DatasetError) -> [UInt8] {
  do {
    return [UInt8](try Data(contentsOf: url))
  } catch {
    throw .unreadable(path: url.path, reason: systemReason(of: error))
  }
}
