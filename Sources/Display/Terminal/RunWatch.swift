// Following the runs of other processes together.

public import Foundation
public import ZerOMessages
import ZerORecords
import ZerOTraining

/// Follows every run in some folders until all have ended.
///
/// It only reads records. The runs may belong to this machine or, on a shared disk, to others.
public struct RunWatch {
  private var runs: WatchedRuns
  private var followers: [String: RunFollower] = [:]
  private var order: [String] = []
  private var board = ProgressBoard<String>(runs: [:])
  private var printer: ProgressPrinter<String>

  /// Errors of runs without a readable plan, by folder.
  private var unreadable: [String: RecordError] = [:]

  /// Finds the runs and reads their records.
  ///
  /// - Parameters:
  ///   - folders: Folders of runs or experiments, or folders that contain them.
  ///   - style: The style of progress output.
  /// - Throws: `WatchError` for a folder without runs.
  public init(_ folders: [URL], style: ProgressStyle) throws(WatchError) {
    runs = try WatchedRuns(folders)
    printer = ProgressPrinter(style)
    _ = try poll(at: Self.now, isFirst: true)
  }

  private static var now: Double { ProcessInfo.processInfo.systemUptime }

  /// Reads the new records.
  ///
  /// - Returns: The text to write, in one piece.
  /// - Throws: `WatchError` if the runs no longer exist.
  public mutating func poll() throws(WatchError) -> String {
    let time = Self.now
    let (remarks, changed) = try poll(at: time, isFirst: false)
    return printer.text(remarks, changed: changed, of: board, at: time, isImmediate: true)
  }

  /// Redraws if the window's size has changed.
  ///
  /// - Returns: The text to write, in one piece; usually empty.
  public mutating func redraw() -> String {
    guard printer.needsFrame else { return "" }
    return printer.text([], of: board, at: Self.now)
  }

  /// The text that removes the moving lines; to be written before any other output.
  public mutating func finish() -> String { printer.finish() }

  /// Whether every run has ended, was abandoned by its process, or is damaged.
  public var isOver: Bool {
    !(board.runs.isEmpty && unreadable.isEmpty) && board.runs.values.allSatisfy(\.isOver)
  }

  /// Whether every run is done.
  public var isDone: Bool {
    unreadable.isEmpty && board.runs.values.allSatisfy { $0.stateWord == "done" }
  }

  /// The number of runs in each state.
  public var summary: String {
    board.summary
      + (unreadable.isEmpty ? "" : ", \(unreadable.count) more without a readable plan")
  }

  /// One line per run with unusable records: its path and the reason.
  public var damagedRuns: [String] {
    order.compactMap { key in
      guard case .damaged(let error) = board.runs[key]?.state else { return nil }
      return error.description
    } + unreadable.sorted { $0.key < $1.key }.map(\.value.description)
  }

  /// One row per run: state, progress, latest values, age of the last row.
  public var table: TextTable {
    TextTable(
      headings: ["run", "status", "done", "updates", "loss", "rank", "test", "last row"],
      rows: order.compactMap { key in
        guard let run = board.runs[key], let folder = followers[key]?.folder else { return nil }
        let row = ProgressRow(run, fractionOfPeak: nil, at: 0)
        let age = folder.lastRow.map { ProgressRow.age(max(0, -$0.timeIntervalSinceNow)) }
        return [
          run.label, run.stateWord, String(format: "%.0f %%", (100 * run.fraction).rounded(.down)),
          run.total > 0 ? "\(run.done)/\(run.total)" : "-",
        ]
          + [ProgressColumn.loss, .rank, .test].map { column in
            let text = row.cells[column]?.text.trimmingCharacters(in: .whitespaces) ?? ""
            return text.isEmpty ? "-" : text
          } + [age ?? "-"]
      })
  }

  private mutating func poll(at time: Double, isFirst: Bool) throws(WatchError)
    -> ([Remark], changed: [String])
  {
    try find(isFirst: isFirst)
    var (remarks, changed): ([Remark], [String]) = ([], [])
    for key in order {
      guard var follower = followers[key] else { continue }
      let before = follower.progress
      if follower.poll(at: time, isFirst: isFirst) { changed.append(key) }
      let after = follower.progress
      followers[key] = follower
      board.set(key, after, at: time)
      if before.state == .waiting, after.state == .running, !isFirst {
        remarks.append(Remark(label: after.label, text: "started"))
      }
      if before.state != after.state, after.isOver, !isFirst {
        if let remark = after.endRemark { remarks.append(remark) }
      }
    }
    return (remarks, changed)
  }

  /// Finds new runs and, if there are any, labels all runs anew.
  ///
  /// A folder may become empty later: `--fresh` moves results aside before new ones are written.
  private mutating func find(isFirst: Bool) throws(WatchError) {
    var found: [WatchedRuns.Found] = []
    unreadable = [:]
    for run in try runs.find(mayBeEmpty: !isFirst) {
      if followers[run.key] == nil {
        do throws(RecordError) {
          let plan: TrainingPlan
          if let known = run.plan { plan = known } else { plan = try run.folder.plan }
          followers[run.key] = RunFollower(run.folder, plan: plan)
        } catch {
          unreadable[run.key] = error
          continue
        }
      }
      found.append(run)
    }
    guard found.map(\.key) != order else { return }
    order = found.map(\.key)
    let plans = found.compactMap { followers[$0.key]?.progress.plan }
    let labels = RunLabels.labels(plans)
    let counts = Dictionary(plans.map { ($0, 1) }, uniquingKeysWith: +)
    for (run, plan) in zip(found, plans) {
      let home = counts[plan, default: 1] > 1 ? "\(run.home): " : ""
      followers[run.key]?.progress.label = home + (labels[plan] ?? plan.identifier)
    }
    board.keep(Set(order))
    for key in order where board.runs[key] == nil {
      if let run = followers[key]?.progress { board.set(key, run, at: Self.now) }
    }
  }
}
