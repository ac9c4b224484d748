// The rows of a run, read one by one and held against its plan and its status.

import Foundation
import Messages
public import Training

extension RunFolder {
  /// Compares the run and the size of `metrics.jsonl` with those that a status states: no row is read.
  ///
  /// - Parameters:
  ///   - status: The run's; one that states no run or size fits any.
  ///   - plan: The run's, valid.
  ///   - data: What the run was trained on.
  /// - Throws: `RecordError.incomplete`, `.notThisRuns`, `.unreadable`.
  public func check(_ status: RunStatus, of plan: TrainingPlan, on data: Provenance.Data)
    throws(RecordError)
  {
    guard status.metrics != nil else { return }
    try check(status, of: plan, on: data, size: try RecordInput(metricsFile).size)
  }

  /// Whether the rows of a run that has ended are those that it wrote.
  ///
  /// - Parameters:
  ///   - plan: The run's, valid.
  ///   - data: What the run was trained on.
  ///   - status: The run's; where it states no checksum, as in records of earlier versions, every row is read.
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

  /// Reads the rows one by one; memory holds one of them.
  ///
  /// - Parameters:
  ///   - plan: The run's, valid.
  ///   - data: What the run was trained on.
  ///   - status: The run's.
  ///   - withSnapshots: Whether snapshots are wanted. Where they are not, and the status states a checksum, which
  ///     says as much of them as reading does, they are not decoded; they are most of the bytes.
  ///   - body: Gets each row, in the order of the file.
  /// - Throws: `RecordError`: `.malformed` for a line that is no row or longer than `MetricsRow.lengthLimit`,
  ///   `.notThisRuns` for a row that is doubled, out of order or of another run, `.incomplete` where rows are
  ///   missing. Rows that came before were passed on.
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
    // A process that was killed may have left half a line at the end; a resumed run has it whole.
    guard status.status == .done || status.metrics != nil else { return }
    guard lines.torn == 0, order.isComplete || status.status != .done else {
      throw .incomplete(
        path: url.path,
        reason: lines.torn > 0
          ? "the last row is torn" : "rows are missing at the end: \(order.extent)")
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
  /// The most bytes of a row: several times what the largest layer's snapshot takes, 2 MiB for 65 536 units, or the
  /// measured update of 10 000 layers.
  public static let lengthLimit = 16 << 20

  /// How a snapshot's line begins, keys being sorted.
  static let snapshotStart = Array(#"{"kind":"snapshot""#.utf8)
}
