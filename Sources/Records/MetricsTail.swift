// metrics.jsonl, read while somebody else writes it.

import Foundation
import Messages

/// Reads the rows of a run as they come, each once.
///
/// Only what was appended since the last look is read. Half a line at the end waits for its other half, and
/// lines that are no rows are passed over, since a reader beside the writer may see anything for a moment.
public struct MetricsTail: Sendable {
  private let url: URL
  private var offset: UInt64 = 0
  private var file: UInt64?

  /// Names the file; nothing is read yet.
  ///
  /// - Parameter folder: The run's folder.
  public init(_ folder: RunFolder) { url = folder.file("metrics.jsonl") }

  /// The rows since the last call, snapshots left out.
  ///
  /// - Returns: The rows, and whether they begin again with the first: at the first call, and after the file
  ///   was replaced or cut back. Nothing where there is no file.
  /// - Throws: `RecordError.unreadable`.
  public mutating func next() throws(RecordError) -> (rows: [MetricsRow], isFromStart: Bool) {
    guard let attributes = try? FileManager.default.attributesOfItem(atPath: url.path),
      let size = attributes[.size] as? UInt64
    else { return ([], false) }
    let number = attributes[.systemFileNumber] as? UInt64
    let isFromStart = number != file || size < offset
    if isFromStart {
      offset = 0
      file = number
    }
    guard size > offset else { return ([], isFromStart) }
    let bytes: Data
    do {
      let handle = try FileHandle(forReadingFrom: url)
      defer { try? handle.close() }
      try handle.seek(toOffset: offset)
      bytes = try handle.readToEnd() ?? Data()
    } catch {
      throw .unreadable(path: url.path, reason: systemReason(of: error))
    }
    let whole = bytes.prefix((bytes.lastIndex(of: UInt8(ascii: "\n")) ?? -1) + 1)
    offset += UInt64(whole.count)
    let rows = whole.split(separator: UInt8(ascii: "\n")).compactMap { line -> MetricsRow? in
      // The largest rows by far, and of no use here.
      guard !line.starts(with: Self.snapshotStart) else { return nil }
      return try? RecordFiles.decode(MetricsRow.self, Data(line), url: url, line: nil)
    }
    return (rows.filter { if case .snapshot = $0 { false } else { true } }, isFromStart)
  }

  /// How a snapshot's line begins, keys being sorted.
  private static let snapshotStart = Array(#"{"kind":"snapshot""#.utf8)
}
