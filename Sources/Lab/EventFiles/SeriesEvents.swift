// TensorBoard's view of a series of checkpoints.

public import Foundation
import ZerOMessages
public import ZerORecords
public import ZerOSeries

/// The event file of a series: a scalar `effective_rank/NAME` per quantity and matrix.
///
/// The file follows from the rows alone. The time of an event is its step in seconds, since rows do not contain the time
/// of training; new checkpoints therefore only append to the file, which TensorBoard notices.
public enum SeriesEvents {
  /// The name of the file.
  static let fileName = "events.out.tfevents.0000000000.zerolab"

  /// Writes the file, or appends to it what is new.
  ///
  /// - Parameters:
  ///   - rows: The rows in the order of steps.
  ///   - folder: The folder; it is made if missing.
  /// - Throws: `RecordError.unwritable`.
  public static func write(_ rows: [SeriesRow], to folder: URL) throws(RecordError) {
    let bytes = file(rows)
    let url = folder.appendingPathComponent(fileName)
    // Only a regular file is continued; a link could lead out of the folder.
    let type = try? FileManager.default.attributesOfItem(atPath: url.path)[.type]
    guard type as? FileAttributeType == .typeRegular, let old = try? Data(contentsOf: url),
      !old.isEmpty, bytes.starts(with: old)
    else { return try RecordFiles.write(bytes, to: url) }
    guard old.count < bytes.count else { return }
    do {
      let handle = try FileHandle(forWritingTo: url)
      defer { try? handle.close() }
      try handle.seekToEnd()
      try handle.write(contentsOf: Data(bytes[old.count...]))
    } catch {
      throw .unwritable(path: url.path, reason: systemReason(of: error))
    }
  }

  /// The bytes of the file.
  static func file(_ rows: [SeriesRow]) -> [UInt8] {
    var described: Set<String> = []
    let start = Event(wallTime: 0, step: 0, content: .fileVersion)
    return rows.reduce(into: start.record) { bytes, row in
      var values = row.summary
      for index in values.indices where !described.insert(values[index].tag).inserted {
        values[index].description = ""
      }
      guard !values.isEmpty else { return }
      let event = Event(wallTime: Double(row.step), step: row.step, content: .summary(values))
      bytes += event.record
    }
  }
}

extension SeriesRow {
  /// The values of the row in single precision, which TensorBoard requires.
  fileprivate var summary: [SummaryValue] {
    SeriesQuantity.catalog.compactMap { quantity in
      quantity.value(self).map {
        SummaryValue(
          "\(quantity.key)/\(matrix)", $0, "\(quantity.title): \(quantity.formula).")
      }
    }
  }
}
