import ZerOEventFiles
import ZerORecords

/// The rows in `metrics.jsonl`, and the event files that TensorBoard reads.
struct RunLog {
  private let rows: MetricsLog
  private let events: EventLog

  init(_ rows: MetricsLog, _ events: EventLog) {
    self.rows = rows
    self.events = events
  }

  /// The length and checksum of all rows, including those of earlier sessions.
  var metrics: RunStatus.Metrics { rows.metrics }

  /// Appends a row, to the record first.
  func append(_ row: MetricsRow) throws(RecordError) {
    try rows.append(row)
    try events.append(row)
  }

  /// Flushes every row to the disk.
  func synchronize() throws(RecordError) {
    try rows.synchronize()
    try events.synchronize()
  }

  /// Writes the final event, and flushes every row to the disk.
  func end(_ status: RunStatus) throws(RecordError) {
    try events.end(status)
    try synchronize()
  }
}
