// metrics.jsonl, written row by row.

import Foundation
import ZerODurableFiles
import ZerOMessages

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Appends rows to a file of JSON Lines.
///
/// Each row is one write, so a killed process leaves at most one incomplete line, the last.
public final class MetricsLog {
  private let handle: FileHandle
  private let path: String
  private let encoder = RecordFiles.encoder()

  private var sum = MetricsSum()

  /// The number of rows, their bytes and their checksum.
  public var metrics: RunStatus.Metrics { sum.metrics }

  /// Opens an existing file for appending.
  ///
  /// - Parameters:
  ///   - url: The file.
  ///   - length: The length of the rows to keep in bytes; the rest is cut off.
  /// - Throws: `RecordError.unwritable`, `.unreadable`.
  init(_ url: URL, keeping length: Int) throws(RecordError) {
    path = url.path
    if length > 0 { sum = try MetricsSum(try RecordInput(url), upTo: length) }
    let descriptor = unsafe open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW)
    guard descriptor >= 0 else { throw .unwritable(url, DurableFile.lastError) }
    handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    do {
      try handle.truncate(atOffset: UInt64(length))
      try handle.seek(toOffset: UInt64(length))
    } catch {
      throw .unwritable(url, error)
    }
  }

  deinit { try? handle.close() }

  /// Appends a row.
  ///
  /// - Throws: `RecordError.unwritable`, for example on a full disk; `.gone` if the file has been moved or deleted.
  public func append(_ row: MetricsRow) throws(RecordError) {
    do {
      let line = try encoder.encode(row) + Data("\n".utf8)
      try handle.write(contentsOf: line)
      sum.update([UInt8](line))
    } catch {
      throw .unwritable(path: path, reason: systemReason(of: error))
    }
    try checkPresence()
  }

  /// Checks that the file still has its name: a folder can be moved or deleted at any time.
  private func checkPresence() throws(RecordError) {
    guard RecordFiles.isFile(handle.fileDescriptor, at: path) else { throw .gone(path: path) }
  }

  /// Writes all rows to the disk.
  ///
  /// - Throws: The errors of `append`.
  public func synchronize() throws(RecordError) {
    try checkPresence()
    do {
      try handle.synchronize()
    } catch {
      throw .unwritable(path: path, reason: systemReason(of: error))
    }
  }
}
