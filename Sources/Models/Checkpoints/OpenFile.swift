// A file that stays open, read at any place by several threads.

import Foundation
import Messages

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

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
    // Without waiting, should it be a pipe that nobody writes to.
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      let error = Self.unreadable(path)
      throw Self.lost(path).map { .unreadable(path: path, reason: $0) } ?? error
    }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else {
      let error = Self.unreadable(path)
      close(descriptor)
      throw error
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw .unreadable(path: path, reason: "it is no file")
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

  /// Reads so many bytes: the system may give fewer at a time.
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
        throw .unreadable(path: path, reason: "it became shorter while it was read")
      }
      filled += got
    }
  }

  /// What is wrong with a link that leads nowhere; `nil` for what is none.
  private static func lost(_ path: String) -> String? {
    guard let target = try? FileManager.default.destinationOfSymbolicLink(atPath: path),
      !FileManager.default.fileExists(atPath: path)
    else { return nil }
    return "it is a link to '\(target)', which is not there"
  }

  /// What the last call of the operating system said.
  private static func unreadable(_ path: String) -> TensorFileError {
    let reason = systemReason(of: POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO))
    return .unreadable(path: path, reason: reason)
  }
}
