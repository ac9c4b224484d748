// The directory and the members of a zip archive, through libzip, read as untrusted input.

internal import CZip
import Foundation

/// An open zip archive, used by one thread at a time, as libzip requires; callers guarantee it.
@safe public final class OpenZip: @unchecked Sendable {
  /// A member, from the archive's directory.
  public struct Member: Sendable {
    /// The name, with its folders.
    public let name: String

    /// The number of bytes without compression.
    public let size: Int

    /// Whether the directory contains a checksum; writers that compute none, such as PyTorch, store
    /// 0.
    public var hasChecksum: Bool { checksum != 0 }

    /// The CRC-32 of the bytes, or 0.
    public let checksum: UInt32

    /// Whether the member is not compressed.
    public let isStored: Bool

    fileprivate let index: UInt64
  }

  /// The size of the end-of-directory record.
  private static let endSize = 22

  /// The size of a member's two headers without its name, which both contain.
  private static let headerSizes = 30 + 46

  /// An upper bound on deflate's compression ratio, 1032:1 according to its authors.
  private static let largestExpansion = 1040

  private let archive: OpaquePointer

  /// Opens an archive.
  ///
  /// - Parameters:
  ///   - path: A file that exists.
  ///   - part: The archive's place in the file; `nil` if it is the whole file.
  /// - Throws: `ArrayFileDefect` if the file is no archive.
  public init(_ path: String, _ part: Range<Int>? = nil) throws(ArrayFileDefect) {
    var error = unsafe zip_error_t()
    unsafe zip_error_init(&error)
    defer { unsafe zip_error_fini(&error) }
    // A length of -1 means the rest of the file.
    guard
      let source = unsafe zip_source_file_create(
        path, zip_uint64_t(part?.lowerBound ?? 0), zip_int64_t(part?.count ?? -1), &error)
    else { throw unsafe ArrayFileDefect(String(cString: zip_error_strerror(&error))) }
    guard let archive = unsafe zip_open_from_source(source, ZIP_RDONLY, &error) else {
      unsafe zip_source_free(source)
      if unsafe zip_error_code_zip(&error) == ZIP_ER_NOZIP {
        throw ArrayFileDefect(
          "its directory is missing: the file is truncated, or not an archive")
      }
      throw unsafe ArrayFileDefect(String(cString: zip_error_strerror(&error)))
    }
    unsafe self.archive = archive
  }

  deinit { unsafe zip_discard(archive) }

  /// Reads the directory.
  ///
  /// Its sizes are checked against the size of the file, before memory is allocated for them.
  ///
  /// - Parameter length: The number of bytes of the archive.
  /// - Returns: The members in the archive's order.
  /// - Throws: `ArrayFileDefect` for an invalid member or an impossible size.
  public func members(inFileOf length: Int) throws(ArrayFileDefect) -> [Member] {
    var members: [Member] = []
    var needed = Self.endSize
    for index in unsafe 0..<UInt64(max(0, zip_get_num_entries(archive, 0))) {
      let (member, size) = try member(index, inFileOf: length)
      members.append(member)
      needed += size
      guard needed <= length else {
        throw ArrayFileDefect("its directory declares more than the file's \(length) bytes")
      }
    }
    return members
  }

  /// A member, and the least number of bytes that it occupies in the file.
  private func member(_ index: UInt64, inFileOf length: Int) throws(ArrayFileDefect) -> (
    Member, Int
  ) {
    var status = unsafe zip_stat_t()
    let wanted = zip_uint64_t(
      ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD | ZIP_STAT_CRC)
    guard unsafe zip_stat_index(archive, index, 0, &status) == 0,
      unsafe status.valid & wanted == wanted, let name = unsafe status.name,
      let size = unsafe Int(exactly: status.size)
    else { throw ArrayFileDefect("member \(index) has no name, no size or no checksum field") }
    let member = unsafe Member(
      name: String(cString: name), size: size, checksum: status.crc,
      isStored: Int(status.comp_method) == ZIP_CM_STORE, index: index)
    let compressedSize = unsafe status.comp_size
    guard compressedSize <= length else {
      throw ArrayFileDefect(
        "'\(member.name)' has \(compressedSize) compressed bytes in a file of \(length)")
    }
    let expansion = unsafe Int(status.comp_method) == ZIP_CM_STORE ? 1 : Self.largestExpansion
    guard size / expansion <= compressedSize else {
      throw ArrayFileDefect(
        "'\(member.name)' declares \(size) bytes, impossible for \(compressedSize) compressed bytes"
      )
    }
    return (member, Int(compressedSize) + Self.headerSizes + 2 * member.name.utf8.count)
  }

  /// Reads a range of a member.
  ///
  /// A compressed member is read from its beginning, and its checksum compared at its end.
  ///
  /// - Parameters:
  ///   - member: A member of this archive.
  ///   - range: Within 0 ..< `member.size`.
  ///   - pieceSize: The length of the pieces; the last one may be shorter.
  ///   - body: Receives the pieces in order.
  /// - Returns: Whether the checksum has been compared.
  /// - Throws: `ArrayFileDefect` for damaged bytes and a wrong checksum.
  public func read(
    _ member: Member, _ range: Range<Int>, pieceSize: Int, _ body: (RawSpan) -> Void
  ) throws(ArrayFileDefect) -> Bool {
    guard let file = unsafe zip_fopen_index(archive, member.index, 0) else {
      throw unsafe ArrayFileDefect("'\(member.name)': \(String(cString: zip_strerror(archive)))")
    }
    defer { unsafe zip_fclose(file) }
    func damaged() -> ArrayFileDefect {
      unsafe ArrayFileDefect("'\(member.name)': \(String(cString: zip_file_strerror(file)))")
    }
    var position = 0
    if member.isStored, range.lowerBound > 0 {
      guard unsafe zip_fseek(file, zip_int64_t(range.lowerBound), SEEK_SET) == 0 else {
        throw damaged()
      }
      position = range.lowerBound
    }
    var buffer = [UInt8](repeating: 0, count: min(pieceSize, range.upperBound - position))
    while position < range.upperBound {
      // The bytes before the range are read separately, so each piece starts at a whole value.
      let end = position < range.lowerBound ? range.lowerBound : range.upperBound
      let wanted = min(buffer.count, end - position)
      var filled = 0
      while filled < wanted {
        let got = unsafe buffer.withUnsafeMutableBytes { target -> Int64 in
          guard let start = target.baseAddress else { return 0 }
          return unsafe zip_fread(file, start + filled, zip_uint64_t(wanted - filled))
        }
        guard got > 0 else { throw damaged() }
        filled += Int(got)
      }
      if position >= range.lowerBound { unsafe body(buffer.span.bytes.extracting(0..<wanted)) }
      position += wanted
    }
    // libzip compares the checksum when it has read a member from its beginning to its end.
    guard !member.isStored, range.upperBound == member.size, member.hasChecksum else {
      return false
    }
    var rest: UInt8 = 0
    guard unsafe zip_fread(file, &rest, 1) == 0 else { throw damaged() }
    return true
  }
}
