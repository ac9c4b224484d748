// Where a run's rows go.

import EventFiles
import Records

/// The rows for good, and TensorBoard's view of them.
struct RunLog {
  private let rows: MetricsLog
  private let events: EventLog

  init(_ rows: MetricsLog, _ events: EventLog) {
    self.rows = rows
    self.events = events
  }

  /// The rows that were written, earlier sessions' included.
  var metrics: RunStatus.Metrics { rows.metrics }

  /// Appends a row: to the record first.
  func append(_ row: MetricsRow) throws(RecordError) {
    try rows.append(row)
    try events.append(row)
  }

  /// Brings every row to the disk.
  func synchronize() throws(RecordError) {
    try rows.synchronize()
    try events.synchronize()
  }

  /// Brings every row and the last word to the disk.
  func end(_ status: RunStatus) throws(RecordError) {
    try events.end(status)
    try synchronize()
  }
}
