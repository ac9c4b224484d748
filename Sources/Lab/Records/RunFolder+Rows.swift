// The rows of a run, read one by one and checked against its plan and status.

import Foundation
import ZerOMessages
public import ZerOTraining

extension RunFolder {
  /// Checks the run and the size of `metrics.jsonl` against a status, without reading a row.
  ///
  /// - Parameters:
  ///   - status: The status of the run; one without a run or size matches any.
  ///   - plan: The valid plan of the run.
  ///   - data: The training data of the run.
  /// - Throws: `RecordError.incomplete`, `.notThisRuns`, `.unreadable`.
  public func check(_ status: RunStatus, of plan: TrainingPlan, on data: Provenance.Data)
    throws(RecordError)
  {
    guard status.metrics != nil else { return }
    try check(status, of: plan, on: data, size: try RecordInput(metricsFile).size)
  }

  /// Checks that the rows of an ended run are the rows that it wrote.
  ///
  /// - Parameters:
  ///   - plan: The valid plan of the run.
  ///   - data: The training data of the run.
  ///   - status: The status of the run; without a checksum, as in records of earlier versions, every row is read.
  /// - Throws: `RecordError`.
  func checkRows(of plan: TrainingPlan, on data: Provenance.Data, against status: RunStatus)
    throws(RecordError)
  {
    guard status.metrics != nil else {
      return try readRows(of: plan, on: data, against: status) { _ in }
    }
    let input = try RecordInput(metricsFile)
    try check(status, of: plan, on: data, size: input.size)
    try check(try MetricsSum(input), against: status)
  }

  /// Reads the rows one by one; memory contains one row at a time.
  ///
  /// - Parameters:
  ///   - plan: The valid plan of the run.
  ///   - data: The training data of the run.
  ///   - status: The status of the run.
  ///   - withSnapshots: Whether to read snapshots, which are most of the bytes. Otherwise they are not decoded if the
  ///     status states a checksum, which verifies them as well.
  ///   - body: Receives each row in the order of the file.
  /// - Throws: `RecordError`: `.malformed` for a line that is not a row or is longer than `MetricsRow.lengthLimit`,
  ///   `.notThisRuns` for a row that is doubled, out of order or from another run, `.incomplete` for missing rows.
  ///   Earlier rows have been passed to `body`.
  func readRows(
    of plan: TrainingPlan, on data: Provenance.Data, against status: RunStatus,
    withSnapshots: Bool = true, _ body: (MetricsRow) -> Void
  ) throws(RecordError) {
    let passesOver = !withSnapshots && status.metrics != nil
    let input = try RecordInput(metricsFile)
    try check(status, of: plan, on: data, size: input.size)
    var lines = LineReader(input)
    var order = RowOrder(plan, on: data)
    while let line = try lines.next() {
      if passesOver, line.starts(with: MetricsRow.snapshotStart) { continue }
      let row = try RecordFiles.decode(
        MetricsRow.self, Data(line), url: metricsFile, line: lines.count)
      do throws(RowOrder.Fault) {
        try order.accept(row)
      } catch {
        switch error {
        case .missing(let reason): throw .incomplete(path: url.path, reason: "without \(reason)")
        case .foreign(let reason):
          throw .notThisRuns(path: metricsFile.path, line: lines.count, reason: reason)
        }
      }
      if !withSnapshots, case .snapshot = row { continue }
      body(row)
    }
    // A killed process can leave an incomplete line at the end; a resumed run replaces it.
    guard status.status == .done || status.metrics != nil else { return }
    guard lines.torn == 0, order.isComplete || status.status != .done else {
      throw .incomplete(
        path: url.path,
        reason: lines.torn > 0
          ? "the last row is incomplete" : "rows are missing at the end: \(order.extent)")
    }
    try check(lines.sum, against: status)
  }

  var metricsFile: URL { file("metrics.jsonl") }

  private func check(
    _ status: RunStatus, of plan: TrainingPlan, on data: Provenance.Data, size: Int
  ) throws(RecordError) {
    if let run = status.metrics?.run, run != plan.digest(on: data) {
      throw .notThisRuns(
        path: file("status.json").path, line: nil, reason: "it is the status of another run")
    }
    try check(size: size, against: status)
  }

  private func check(size: Int, against status: RunStatus) throws(RecordError) {
    guard let stated = status.metrics, size != stated.bytes else { return }
    let reason = "\(size) bytes where status.json states \(stated.bytes)"
    throw size < stated.bytes
      ? .incomplete(path: url.path, reason: "metrics.jsonl has \(reason)")
      : .notThisRuns(path: metricsFile.path, line: nil, reason: reason)
  }

  private func check(_ sum: MetricsSum, against status: RunStatus) throws(RecordError) {
    guard let stated = status.metrics else { return }
    var found = sum.metrics
    found.run = stated.run
    guard found != stated else { return }
    try check(size: sum.bytes, against: status)
    throw .notThisRuns(
      path: metricsFile.path, line: nil,
      reason: "its SHA-256 is not the one that status.json states")
  }
}

extension MetricsRow {
  /// The limit on the bytes of a row: several times the largest snapshot, 2 MiB for 65 536 units, and the largest
  /// measured update, of 10 000 layers.
  public static let lengthLimit = 16 << 20

  /// The start of a snapshot's line; keys are sorted.
  static let snapshotStart = Array(#"{"kind":"snapshot""#.utf8)
}
