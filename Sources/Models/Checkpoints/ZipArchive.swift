// Members of a zip archive as byte sources. Uncompressed members have random access.

import Foundation
import Synchronization
import ZerOArrayFiles
import ZerOChecksums

/// A zip archive in a file.
struct ZipArchive {
  typealias Member = OpenZip.Member

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
    members = try handles.withHandle { archive throws(ArrayFileDefect) in
      try archive.members(inFileOf: length)
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
    private let idle = Mutex<[OpenZip]>([])

    init(_ path: String, _ part: Range<Int>?) {
      self.path = path
      self.part = part
    }

    /// Passes a handle to the caller for exclusive use; after an error the handle is closed.
    func withHandle<Result>(_ body: (OpenZip) throws(ArrayFileDefect) -> Result)
      throws(TensorFileError) -> Result
    {
      do {
        let handle =
          if let idle = idle.withLock({ $0.popLast() }) { idle } else { try OpenZip(path, part) }
        let result = try body(handle)
        // A file with thousands of archives would need as many open files.
        if part == nil { idle.withLock { $0.append(handle) } }
        return result
      } catch {
        throw malformed(path, error.reason)
      }
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
      let isVerified = try handles.withHandle { archive throws(ArrayFileDefect) in
        try archive.read(member, range, pieceSize: pieceSize, body)
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
    _ = try handles.withHandle { archive throws(ArrayFileDefect) in
      try archive.read(member, range, pieceSize: pieceSize) { piece in
        sum.update(piece)
        body(piece)
      }
    }
    return sum
  }
}
