// Where a run's rows go.

import EventFiles
import Records

/// The rows for good, and TensorBoard's view of them.
struct RunLog {
  private let metrics: MetricsLog
  private let events: EventLog

  init(_ metrics: MetricsLog, _ events: EventLog) {
    self.metrics = metrics
    self.events = events
  }

  /// The bytes that the rows take.
  var length: Int { metrics.length }

  /// Appends a row: to the record first.
  func append(_ row: MetricsRow) throws(RecordError) {
    try metrics.append(row)
    try events.append(row)
  }

  /// Brings every row to the disk.
  func synchronize() throws(RecordError) {
    try metrics.synchronize()
    try events.synchronize()
  }

  /// Brings every row and the last word to the disk.
  func end(_ status: RunStatus) throws(RecordError) {
    try events.end(status)
    try synchronize()
  }
}
