// Members of a zip archive as byte sources, through libzip. Uncompressed members have random access.

import CZip
import Foundation
import Synchronization
import ZerOChecksums

/// A zip archive in a file.
struct ZipArchive {
  /// A member, from the archive's directory.
  struct Member: Sendable {
    let name: String
    let size: Int

    /// Whether the directory contains a checksum; writers that compute none, such as PyTorch, store
    /// 0.
    var hasChecksum: Bool { checksum != 0 }

    /// The CRC-32 of the bytes, or 0.
    let checksum: UInt32

    /// Whether the member is not compressed.
    let isStored: Bool

    fileprivate let index: UInt64
  }

  /// The size of the end-of-directory record.
  private static let endSize = 22

  /// The size of a member's two headers without its name, which both contain.
  private static let headerSizes = 30 + 46

  /// An upper bound on deflate's compression ratio, 1032:1 according to its authors.
  private static let largestExpansion = 1040

  let members: [Member]
  private let handles: Handles

  /// Reads the directory of an archive.
  ///
  /// Sizes in the directory are checked against the size of the file before memory is allocated for
  /// them.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - part: The archive's place in the file; `nil` if it is the whole file.
  /// - Throws: `TensorFileError.unreadable`; `.malformed` for an invalid archive or an impossible
  ///   size.
  init(_ path: String, in part: Range<Int>? = nil) throws(TensorFileError) {
    // Reports the system's reason for an unreadable file, and rejects folders.
    let file = try OpenFile(path)
    let length = part?.count ?? file.count
    handles = Handles(path, part)
    members = try handles.withHandle { archive throws(TensorFileError) in
      var members: [Member] = []
      var needed = Self.endSize
      for index in 0..<archive.memberCount {
        let (member, size) = try archive.member(index, inFileOf: length)
        members.append(member)
        needed += size
        guard needed <= length else {
          throw Self.malformed(path, "its directory declares more than the file's \(length) bytes")
        }
      }
      return members
    }
  }

  /// The bytes of a member.
  ///
  /// Use one source per member, which compares the checksum only once.
  func bytes(of member: Member) -> ZipMember {
    ZipMember(
      member: member, handles: handles,
      checksum: MemberChecksum(expected: member.checksum, size: member.size))
  }

  static func malformed(_ path: String, _ reason: String) -> TensorFileError {
    .malformed(path: path, format: "zip", reason: reason)
  }

  /// A pool of open handles, one per concurrent reader: opening an archive reads its directory
  /// again.
  fileprivate final class Handles: Sendable {
    fileprivate let path: String
    private let part: Range<Int>?
    private let idle = Mutex<[Handle]>([])

    init(_ path: String, _ part: Range<Int>?) {
      self.path = path
      self.part = part
    }

    /// Passes a handle to the caller for exclusive use; after an error the handle is closed.
    func withHandle<Result>(_ body: (Handle) throws(TensorFileError) -> Result)
      throws(TensorFileError) -> Result
    {
      let handle =
        if let idle = idle.withLock({ $0.popLast() }) { idle } else { try Handle(path, part) }
      let result = try body(handle)
      // A file with thousands of archives would need as many open files.
      if part == nil { idle.withLock { $0.append(handle) } }
      return result
    }
  }

  /// An open archive, used by one thread at a time, as libzip requires; `Handles` guarantees it.
  @safe fileprivate final class Handle: @unchecked Sendable {
    private let archive: OpaquePointer
    private let path: String

    init(_ path: String, _ part: Range<Int>?) throws(TensorFileError) {
      var error = unsafe zip_error_t()
      unsafe zip_error_init(&error)
      defer { unsafe zip_error_fini(&error) }
      // A length of -1 means the rest of the file.
      guard
        let source = unsafe zip_source_file_create(
          path, zip_uint64_t(part?.lowerBound ?? 0), zip_int64_t(part?.count ?? -1), &error)
      else { throw unsafe malformed(path, String(cString: zip_error_strerror(&error))) }
      guard let archive = unsafe zip_open_from_source(source, ZIP_RDONLY, &error) else {
        unsafe zip_source_free(source)
        if unsafe zip_error_code_zip(&error) == ZIP_ER_NOZIP {
          throw malformed(
            path, "its directory is missing: the file is truncated, or not an archive")
        }
        throw unsafe malformed(path, String(cString: zip_error_strerror(&error)))
      }
      unsafe self.archive = archive
      self.path = path
    }

    deinit { unsafe zip_discard(archive) }

    var memberCount: UInt64 { unsafe UInt64(max(0, zip_get_num_entries(archive, 0))) }

    /// A member, and the least number of bytes that it occupies in the file.
    func member(_ index: UInt64, inFileOf length: Int) throws(TensorFileError) -> (Member, Int) {
      var status = unsafe zip_stat_t()
      let wanted = zip_uint64_t(
        ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD | ZIP_STAT_CRC)
      guard unsafe zip_stat_index(archive, index, 0, &status) == 0,
        unsafe status.valid & wanted == wanted, let name = unsafe status.name,
        let size = unsafe Int(exactly: status.size)
      else { throw malformed(path, "member \(index) has no name, no size or no checksum field") }
      let member = unsafe Member(
        name: String(cString: name), size: size, checksum: status.crc,
        isStored: Int(status.comp_method) == ZIP_CM_STORE, index: index)
      let compressedSize = unsafe status.comp_size
      guard compressedSize <= length else {
        throw malformed(
          path,
          "'\(member.name)' has \(compressedSize) compressed bytes in a file of \(length)")
      }
      let expansion = unsafe Int(status.comp_method) == ZIP_CM_STORE ? 1 : largestExpansion
      guard size / expansion <= compressedSize else {
        throw malformed(
          path,
          "'\(member.name)' declares \(size) bytes, impossible for \(compressedSize) compressed bytes"
        )
      }
      return (member, Int(compressedSize) + headerSizes + 2 * member.name.utf8.count)
    }

    /// Reads a range of a member.
    ///
    /// A compressed member is read from its beginning, and its checksum compared at its end.
    ///
    /// - Returns: Whether the checksum has been compared.
    func read(_ member: Member, _ range: Range<Int>, _ body: (RawSpan) -> Void)
      throws(TensorFileError) -> Bool
    {
      guard let file = unsafe zip_fopen_index(archive, member.index, 0) else {
        throw unsafe malformed(path, "'\(member.name)': \(String(cString: zip_strerror(archive)))")
      }
      defer { unsafe zip_fclose(file) }
      func damaged() -> TensorFileError {
        unsafe malformed(path, "'\(member.name)': \(String(cString: zip_file_strerror(file)))")
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
      guard unsafe zip_fread(file, &buffer, 1) == 0 else { throw damaged() }
      return true
    }
  }
}

/// The bytes of an archive member.
struct ZipMember: ByteSource {
  let member: ZipArchive.Member
  fileprivate let handles: ZipArchive.Handles
  fileprivate let checksum: MemberChecksum

  var count: Int { member.size }
  var isRandomAccess: Bool { member.isStored }

  func read(_ range: Range<Int>, _ body: (RawSpan) -> Void) throws(TensorFileError) {
    guard member.isStored, !checksum.isVerified else {
      let isVerified = try handles.withHandle { archive throws(TensorFileError) in
        try archive.read(member, range, body)
      }
      if isVerified { checksum.acceptWhole() }
      return
    }
    checksum.add(try sum(range, body), of: range)
  }

  func verify() throws(TensorFileError) {
    guard !checksum.isVerified else { return }
    guard member.isStored else { return try read(0..<member.size) { _ in } }
    let isEqual = try checksum.verify { (range) throws(TensorFileError) in try sum(range) { _ in } }
    guard isEqual else {
      throw ZipArchive.malformed(handles.path, "'\(member.name)': CRC error")
    }
  }

  /// Reads a range and computes its checksum.
  private func sum(_ range: Range<Int>, _ body: (RawSpan) -> Void) throws(TensorFileError)
    -> CRC32
  {
    var sum = CRC32()
    _ = try handles.withHandle { archive throws(TensorFileError) in
      try archive.read(member, range) { piece in
        sum.update(piece)
        body(piece)
      }
    }
    return sum
  }
}
