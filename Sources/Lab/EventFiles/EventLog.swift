// A run's event file, growing.

import Foundation
import Messages
public import Records
public import Training

/// What TensorBoard reads of a run while it is under way and afterwards.
///
/// Each session of a run has a file of its own. It is made from what is written to `metrics.jsonl`, from nothing
/// else, and nothing is made from it: a run whose event files are lost has all its results.
public final class EventLog {
  private let handle: FileHandle
  private let path: String
  private let updatesPerEpoch: Int

  /// Tags that have been explained.
  private var described: Set<String> = []

  /// Begins a session's file.
  ///
  /// Where the session takes up an earlier one, TensorBoard is told to forget what that one wrote of the step it
  /// goes on from and of later ones; the rows of that step which are kept are written again, and all of them
  /// where the earlier sessions have left no event file.
  ///
  /// - Parameters:
  ///   - folder: The run's, with its rows as they are kept.
  ///   - plan: The run's plan.
  ///   - sampleCount: The training images.
  ///   - updates: How many have been made; 0 for a run from its begin.
  /// - Throws: `RecordError`.
  public init(_ folder: RunFolder, of plan: TrainingPlan, sampleCount: Int, after updates: Int)
    throws(RecordError)
  {
    updatesPerEpoch = plan.updatesPerEpoch(sampleCount: sampleCount)
    let isFirst = updates == 0 || folder.eventFiles.isEmpty
    let step = isFirst ? 0 : updates
    let now = Date()
    let url = folder.nextEventFile(at: now)
    path = url.path
    try RecordFiles.replace(url, with: [])
    do {
      handle = try FileHandle(forWritingTo: url)
    } catch {
      throw .unwritable(path: path, reason: systemReason(of: error))
    }
    try write(.fileVersion, step: step)
    try write(.sessionStart, step: step)
    if isFirst {
      let start = Hyperparameters.start(plan, time: now.timeIntervalSince1970)
      try write(.summary([start]), step: 0)
    }
    // A row that can't be read has no curve; whether the run can go on is not decided here.
    guard updates > 0 else { return }
    let perEpoch = updatesPerEpoch
    let record = try? RunRecord(folder) {
      $0.updates(updatesPerEpoch: perEpoch) >= step ? $0 : nil
    }
    for row in record?.rows ?? [] { try append(row) }
  }

  deinit { try? handle.close() }

  /// Appends what a row says.
  ///
  /// - Throws: `RecordError.unwritable`, for a full disk for instance.
  public func append(_ row: MetricsRow) throws(RecordError) {
    // A picture that can't be drawn is left out with its row's other values; the record has them.
    guard let values = try? row.summary(), !values.isEmpty else { return }
    try write(.summary(values), step: row.updates(updatesPerEpoch: updatesPerEpoch))
  }

  /// Says how the run has ended, if it has: one that was stopped may go on.
  ///
  /// - Throws: `RecordError.unwritable`.
  public func end(_ status: RunStatus) throws(RecordError) {
    let isDone: Bool
    switch status.status {
    case .done: isDone = true
    case .diverged: isDone = false
    case .running, .failed, .interrupted: return
    }
    let end = Hyperparameters.end(isDone: isDone, time: Date().timeIntervalSince1970)
    try write(.summary([end]), step: 0)
  }

  /// Brings everything to the disk.
  ///
  /// - Throws: `RecordError.unwritable`.
  public func synchronize() throws(RecordError) {
    do {
      try handle.synchronize()
    } catch {
      throw .unwritable(path: path, reason: systemReason(of: error))
    }
  }

  /// Appends an event in one write, so that whoever reads along sees it at once.
  private func write(_ content: Event.Content, step: Int) throws(RecordError) {
    var content = content
    if case .summary(var values) = content {
      for index in values.indices where !described.insert(values[index].tag).inserted {
        values[index].description = ""
      }
      content = .summary(values)
    }
    let event = Event(wallTime: Date().timeIntervalSince1970, step: step, content: content)
    do {
      try handle.write(contentsOf: Data(event.record))
    } catch {
      throw .unwritable(path: path, reason: systemReason(of: error))
    }
  }
}

extension RunRecord {
  /// Every row, kind by kind.
  fileprivate var rows: [MetricsRow] {
    trainRows.map { .train($0) } + testRows.map { .test($0) } + snapshots.map { .snapshot($0) }
  }
}
