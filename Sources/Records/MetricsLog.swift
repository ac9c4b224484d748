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

  private var sum = MetricsSum()

  /// The bytes that the rows take.
  public var length: Int { sum.bytes }

  /// The number of rows, their bytes and their checksum.
  public var metrics: RunStatus.Metrics { sum.metrics }

  /// Opens a file that exists, to append to it.
  ///
  /// - Parameters:
  ///   - url: The file.
  ///   - length: The bytes that are kept, whole rows; what is behind them is cut off.
  /// - Throws: `RecordError.unwritable`, `.unreadable`.
  init(_ url: URL, keeping length: Int) throws(RecordError) {
    path = url.path
    if length > 0 {
      let kept = try RecordInput(url)
      while sum.bytes < length {
        let piece = try kept.read(atMost: min(RecordInput.pieceSize, length - sum.bytes))
        guard !piece.isEmpty else { break }
        sum.update(piece)
      }
    }
    do {
      handle = try FileHandle(forWritingTo: url)
      try handle.truncate(atOffset: UInt64(length))
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
      let line = try encoder.encode(row) + Data("\n".utf8)
      try handle.write(contentsOf: line)
      sum.update([UInt8](line))
    } catch {
      throw .unwritable(path: path, reason: systemReason(of: error))
    }
  }

  /// Brings every row to the disk.
  ///
  /// - Throws: `RecordError.unwritable`.
  public func synchronize() throws(RecordError) {
    do {
      try handle.synchronize()
    } catch {
      throw .unwritable(path: path, reason: systemReason(of: error))
    }
  }
}
