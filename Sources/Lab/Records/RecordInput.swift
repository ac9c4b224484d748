// Files of records, read as untrusted input.

import Foundation
import ZerOChecksums
import ZerODurableFiles
import ZerOMessages

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A regular file that is read in pieces.
struct RecordInput {
  let path: String

  /// The size of the file in bytes at the time of opening.
  let size: Int

  private let handle: FileHandle

  /// Opens a file of a run's folder.
  ///
  /// - Throws: `RecordError.unreadable`; `.incomplete` if the file does not exist.
  init(_ url: URL) throws(RecordError) {
    path = url.path
    // Without blocking, in case of a pipe without a writer.
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      guard errno != ENOENT else {
        throw .incomplete(
          path: url.deletingLastPathComponent().path, reason: "without \(url.lastPathComponent)")
      }
      throw Self.unreadable(path, DurableFile.lastError)
    }
    handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else {
      throw Self.unreadable(path, DurableFile.lastError)
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw .unreadable(path: path, reason: "it is not a regular file")
    }
    size = Int(status.st_size)
  }

  /// Continues at an offset in the file.
  func seek(to offset: Int) throws(RecordError) {
    do { try handle.seek(toOffset: UInt64(offset)) } catch { throw Self.unreadable(path, error) }
  }

  /// The next bytes; empty at the end of the file.
  func read(atMost count: Int) throws(RecordError) -> [UInt8] {
    do {
      return [UInt8](try handle.read(upToCount: count) ?? Data())
    } catch {
      throw Self.unreadable(path, error)
    }
  }

  /// The whole file.
  ///
  /// - Throws: `RecordError.malformed` for a file above the limit, which is not read.
  func readAll(atMost limit: Int) throws(RecordError) -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count <= limit, size <= limit {
      let piece = try read(atMost: Self.pieceSize)
      guard !piece.isEmpty else { return bytes }
      bytes += piece
    }
    throw .malformed(path: path, line: nil, reason: "larger than \(limit >> 20) MiB")
  }

  static let pieceSize = 1 << 18

  private static func unreadable(_ path: String, _ error: any Error) -> RecordError {
    .unreadable(path: path, reason: systemReason(of: error))
  }
}

/// Reads a file line by line; memory contains one line at a time.
struct LineReader {
  private let input: RecordInput
  private let limit: Int
  private var buffer: [UInt8] = []
  private var start = 0
  private var searched = 0

  /// The number of lines returned so far.
  private(set) var count = 0

  /// Size and checksum of the bytes read so far, an incomplete line included.
  private(set) var sum = MetricsSum()

  /// - Parameters:
  ///   - input: The file, read from its current position.
  ///   - limit: The limit on the bytes of a line.
  init(_ input: RecordInput, limit: Int = MetricsRow.lengthLimit) {
    self.input = input
    self.limit = limit
  }

  /// The next line without its end; `nil` if no complete line is left.
  ///
  /// - Throws: `RecordError.malformed` for a line above the limit, which is not read further.
  mutating func next() throws(RecordError) -> [UInt8]? {
    while true {
      if let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
        defer { (start, searched) = (end + 1, end + 1) }
        guard end - start <= limit else { throw tooLong }
        count += 1
        return Array(buffer[start..<end])
      }
      guard buffer.count - start <= limit else { throw tooLong }
      buffer.removeFirst(start)
      (start, searched) = (0, buffer.count)
      let piece = try input.read(atMost: RecordInput.pieceSize)
      guard !piece.isEmpty else { return nil }
      sum.update(piece)
      buffer += piece
    }
  }

  /// The number of bytes of an incomplete line at the end.
  var torn: Int { buffer.count - start }

  private var tooLong: RecordError {
    .malformed(
      path: input.path, line: count + 1,
      reason: "longer than the \(limit >> 20) MiB that a row has at most")
  }
}

/// Computes the number of rows, the size and the checksum of `metrics.jsonl`, piece by piece.
struct MetricsSum {
  private(set) var bytes = 0

  /// Whether the last line is complete.
  private(set) var endsLine = true

  private var rows = 0
  private var sum = SHA256()

  /// The sum of no bytes.
  init() {}

  /// The sum of a file from its current position.
  ///
  /// - Parameters:
  ///   - input: The file.
  ///   - length: The limit on the bytes that are read.
  /// - Throws: `RecordError.unreadable`.
  init(_ input: RecordInput, upTo length: Int = .max) throws(RecordError) {
    while bytes < length {
      let piece = try input.read(atMost: min(RecordInput.pieceSize, length - bytes))
      guard !piece.isEmpty else { return }
      update(piece)
    }
  }

  mutating func update(_ piece: [UInt8]) {
    guard let last = piece.last else { return }
    endsLine = last == UInt8(ascii: "\n")
    bytes += piece.count
    rows += piece.count { $0 == UInt8(ascii: "\n") }
    sum.update(piece)
  }

  /// The values for a status.
  var metrics: RunStatus.Metrics {
    RunStatus.Metrics(rows: rows, bytes: bytes, sha256: sum.digest)
  }
}
