// The IDX format of MNIST and its relatives: a magic number that says type and dimensions, the
// extents, then the values, all big-endian. Every byte is accounted for: a file that is shorter or
// longer than its header says is refused.

import Checksums
public import Foundation

/// An IDX file of unsigned bytes, read whole.
///
/// ```
/// 0x00 0x00 0x08 d | extent₁ … extent_d, 32 bits each | Π extents bytes
/// ```
///
/// Reference: Y. LeCun, C. Cortes and C. J. C. Burges, "The MNIST database of handwritten digits".
public struct IDXFile: Sendable {
  /// More than any file in this format needs; what a header may make the reader allocate.
  static let maximumBytes = 1 << 32

  /// More images than any such file holds; PyTorch's permutations end soon after.
  static let maximumCount = 100_000_000

  /// The extents, slowest first.
  public let dimensions: [Int]

  /// The values, the last dimension fastest.
  public let values: ContiguousArray<UInt8>

  /// SHA-256 of the file as it is stored.
  let storedChecksum: String

  /// SHA-256 of the uncompressed contents, hashed only when asked for: it costs more than reading.
  let contentChecksum: @Sendable () -> String

  /// Reads a file, gzip or plain, told apart by its first bytes.
  ///
  /// - Parameters:
  ///   - url: The file.
  ///   - dimensionCount: 3 for images, 1 for labels.
  /// - Throws: `DatasetError`, naming the file and the defect.
  public init(_ url: URL, dimensionCount: Int) throws(DatasetError) {
    try self.init(try readFile(url), path: url.path, dimensionCount: dimensionCount)
  }

  /// Reads the bytes of a file, gzip or plain.
  ///
  /// - Parameters:
  ///   - stored: The file's bytes.
  ///   - path: What to call the file in errors.
  ///   - dimensionCount: 3 for images, 1 for labels.
  /// - Throws: `DatasetError`, naming the file and the defect.
  public init(_ stored: [UInt8], path: String, dimensionCount: Int) throws(DatasetError) {
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
    let (count, overflow) = dimensions.reduce((1, false)) { partial, extent in
      let (product, overflow) = partial.0.multipliedReportingOverflow(by: extent)
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
