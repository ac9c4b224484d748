import Foundation
import ZerOMessages
public import ZerORecords
public import ZerOTraining

/// Writes the event files of a run, which TensorBoard reads during training and afterwards.
///
/// Each session of a run has its own file. It is derived only from the rows of `metrics.jsonl`, and
/// no result depends on it.
public final class EventLog {
  private let handle: FileHandle
  private let path: String
  private let updatesPerEpoch: Int

  /// The tags that already have a description.
  private var described: Set<String> = []

  /// Starts the file of a session.
  ///
  /// If the session resumes a run, TensorBoard is told to discard the current step and later ones
  /// of earlier files. The kept rows of that step are written again; if there are no earlier event
  /// files, all rows are.
  ///
  /// - Parameters:
  ///   - folder: The folder of the run, with the kept rows.
  ///   - plan: The plan of the run.
  ///   - sampleCount: The number of training images.
  ///   - updates: The number of updates so far; 0 for a new run.
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
    // Unreadable rows have no curves; whether the run can resume is decided elsewhere.
    guard updates > 0 else { return }
    let perEpoch = updatesPerEpoch
    let record = try? RunRecord(folder) {
      $0.updates(updatesPerEpoch: perEpoch) >= step ? $0 : nil
    }
    for row in record?.rows ?? [] { try append(row) }
  }

  deinit { try? handle.close() }

  /// Appends the values of a row.
  ///
  /// - Throws: `RecordError.unwritable`, for example for a full disk.
  public func append(_ row: MetricsRow) throws(RecordError) {
    // If an image cannot be drawn, all values of its row are omitted; the record contains them.
    guard let values = try? row.summary(), !values.isEmpty else { return }
    try write(.summary(values), step: row.updates(updatesPerEpoch: updatesPerEpoch))
  }

  /// Writes the outcome of the run, unless it was interrupted and may resume.
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

  /// Flushes all events to the disk.
  ///
  /// - Throws: `RecordError.unwritable`.
  public func synchronize() throws(RecordError) {
    do {
      try handle.synchronize()
    } catch {
      throw .unwritable(path: path, reason: systemReason(of: error))
    }
  }

  /// Appends an event in a single write, so readers see it immediately.
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
  /// All rows, grouped by kind.
  fileprivate var rows: [MetricsRow] {
    trainRows.map { .train($0) } + testRows.map { .test($0) } + snapshots.map { .snapshot($0) }
  }
}
