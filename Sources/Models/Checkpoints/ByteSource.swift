// Sources of bytes: open files and memory.
//
// Files are read, not memory-mapped. If a mapped file is truncated, a signal ends the process
// without a message; a read returns an error. Mapped pages also count as memory of the process.

import Foundation
import ZerOMessages

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Bytes that can be read range by range.
protocol ByteSource: Sendable {
  /// The number of bytes.
  var count: Int { get }

  /// Whether a range can be read without reading the bytes before it.
  var isRandomAccess: Bool { get }

  /// Reads a range in consecutive pieces.
  ///
  /// - Parameters:
  ///   - range: Within 0 ..< `count`.
  ///   - body: Receives each piece. Its length is a multiple of 8 bytes, except for the last piece.
  /// - Throws: `TensorFileError.unreadable`; for a damaged archive `.malformed`.
  func read(_ range: Range<Int>, _ body: (RawSpan) -> Void) throws(TensorFileError)

  /// Compares the bytes with a checksum, if the source has one, and reads those that have not been
  /// read yet.
  ///
  /// - Throws: `TensorFileError.malformed` if the checksum differs; `.unreadable`.
  func verify() throws(TensorFileError)
}

extension ByteSource {
  func verify() throws(TensorFileError) {}

  /// Reads all bytes into memory, and verifies them.
  func whole() throws(TensorFileError) -> [UInt8] {
    let bytes = try bytes(0..<count)
    try verify()
    return bytes
  }

  /// Reads a range into memory.
  func bytes(_ range: Range<Int>) throws(TensorFileError) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(range.count)
    try read(range) { piece in
      unsafe piece.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
    }
    return bytes
  }
}

/// Bytes per read: small enough to stay in a core's cache until they are converted.
let pieceSize = 1 << 17

/// Bytes in memory.
struct BytesInMemory: ByteSource {
  let bytes: [UInt8]

  var count: Int { bytes.count }
  var isRandomAccess: Bool { true }

  func read(_ range: Range<Int>, _ body: (RawSpan) -> Void) throws(TensorFileError) {
    unsafe body(bytes.span.bytes.extracting(range))
  }
}

/// A regular file, open for reading.
final class OpenFile: ByteSource {
  let count: Int
  private let path: String
  private let descriptor: Int32

  var isRandomAccess: Bool { true }

  /// Opens a file.
  ///
  /// - Throws: `TensorFileError.unreadable`.
  init(_ path: String) throws(TensorFileError) {
    // Non-blocking: opening a pipe without a writer would block.
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      let error = Self.unreadable(path)
      throw Self.danglingLink(path).map { .unreadable(path: path, reason: $0) } ?? error
    }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else {
      let error = Self.unreadable(path)
      close(descriptor)
      throw error
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw .unreadable(path: path, reason: "not a regular file")
    }
    self.path = path
    self.descriptor = descriptor
    count = Int(status.st_size)
  }

  deinit { close(descriptor) }

  func read(_ range: Range<Int>, _ body: (RawSpan) -> Void) throws(TensorFileError) {
    var buffer = [UInt8](repeating: 0, count: min(pieceSize, range.count))
    var position = range.lowerBound
    while position < range.upperBound {
      let wanted = min(buffer.count, range.upperBound - position)
      try fill(&buffer, wanted, from: position)
      unsafe body(buffer.span.bytes.extracting(0..<wanted))
      position += wanted
    }
  }

  /// Reads exactly `wanted` bytes; one `pread` may return fewer.
  private func fill(_ buffer: inout [UInt8], _ wanted: Int, from position: Int)
    throws(TensorFileError)
  {
    var filled = 0
    while filled < wanted {
      let got = unsafe buffer.withUnsafeMutableBytes { target in
        unsafe pread(
          descriptor, target.baseAddress.map { unsafe $0 + filled }, wanted - filled,
          off_t(position + filled))
      }
      if got < 0, errno == EINTR { continue }
      guard got >= 0 else { throw Self.unreadable(path) }
      guard got > 0 else {
        throw .unreadable(path: path, reason: "truncated while it was read")
      }
      filled += got
    }
  }

  /// Describes a dangling symbolic link; `nil` for any other path.
  private static func danglingLink(_ path: String) -> String? {
    guard let target = try? FileManager.default.destinationOfSymbolicLink(atPath: path),
      !FileManager.default.fileExists(atPath: path)
    else { return nil }
    return "a link to '\(target)', which does not exist"
  }

  /// The error of the last system call, from `errno`.
  private static func unreadable(_ path: String) -> TensorFileError {
    let reason = systemReason(of: POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO))
    return .unreadable(path: path, reason: reason)
  }
}
