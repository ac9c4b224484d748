// metrics.jsonl, growing.

import Foundation
import Messages

/// A file of JSON Lines that rows are appended to.
///
/// Each row is one write, so a killed process leaves at most one torn line, the last.
public final class MetricsLog {
  private let handle: FileHandle
  private let path: String
  private let encoder = RecordFiles.encoder()

  /// Opens a file that exists, to append to it.
  init(_ url: URL) throws(RecordError) {
    path = url.path
    do {
      handle = try FileHandle(forWritingTo: url)
      try handle.seekToEnd()
    } catch {
      throw .unwritable(path: url.path, reason: systemReason(of: error))
    }
  }

  deinit { try? handle.close() }

  /// Appends a row.
  ///
  /// - Throws: `RecordError.unwritable`, for a full disk for instance.
  public func append(_ row: MetricsRow) throws(RecordError) {
    do {
      try handle.write(contentsOf: try encoder.encode(row) + Data("\n".utf8))
    } catch {
      throw .unwritable(path: path, reason: systemReason(of: error))
    }
  }
}
