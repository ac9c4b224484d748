// Files of records as they are read: by anybody, so they may be anything.

import Checksums
import DurableFiles
import Foundation
import Messages

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A regular file, open for reading, and read in pieces.
struct RecordInput {
  let path: String

  /// The size of the file in bytes when it was opened.
  let size: Int

  private let handle: FileHandle

  /// Opens a file of a run's folder.
  ///
  /// - Throws: `RecordError.unreadable`; `.incomplete` where there is no such file.
  init(_ url: URL) throws(RecordError) {
    path = url.path
    // Without waiting, should it be a pipe that nobody writes to.
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

  /// Continues at a place in the file.
  func seek(to offset: Int) throws(RecordError) {
    do { try handle.seek(toOffset: UInt64(offset)) } catch { throw Self.unreadable(path, error) }
  }

  /// The next bytes, none at the end of the file.
  func read(atMost count: Int) throws(RecordError) -> [UInt8] {
    do {
      return [UInt8](try handle.read(upToCount: count) ?? Data())
    } catch {
      throw Self.unreadable(path, error)
    }
  }

  /// The whole file.
  ///
  /// - Throws: `RecordError.malformed` for a file that is longer than the limit, of which nothing is read.
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

/// The lines of a file one by one: memory holds one of them, however large the file is.
struct LineReader {
  private let input: RecordInput
  private let limit: Int
  private var buffer: [UInt8] = []
  private var start = 0
  private var searched = 0

  /// The lines given so far.
  private(set) var count = 0

  /// What was read so far, the line that is not whole yet included.
  private(set) var sum = MetricsSum()

  /// - Parameters:
  ///   - input: Lines are read from its position on.
  ///   - limit: The most bytes of a line.
  init(_ input: RecordInput, limit: Int = MetricsRow.lengthLimit) {
    self.input = input
    self.limit = limit
  }

  /// The next line without its end; `nil` where no whole line is left.
  ///
  /// - Throws: `RecordError.malformed` for a line beyond the limit, of which no more is read.
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

  /// The bytes at the end of the file that are no whole line.
  var torn: Int { buffer.count - start }

  private var tooLong: RecordError {
    .malformed(
      path: input.path, line: count + 1,
      reason: "longer than the \(limit >> 20) MiB that a row has at most")
  }
}

/// Counts and sums up the contents of `metrics.jsonl`, piece by piece.
struct MetricsSum {
  private(set) var bytes = 0

  /// Whether no line is torn.
  private(set) var endsLine = true

  private var rows = 0
  private var sum = SHA256()

  /// Of nothing yet.
  init() {}

  /// Sums up a file, from its position on.
  ///
  /// - Parameters:
  ///   - input: The file.
  ///   - length: The most bytes that are read.
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

  /// What a status states.
  var metrics: RunStatus.Metrics {
    RunStatus.Metrics(rows: rows, bytes: bytes, sha256: sum.digest)
  }
}
