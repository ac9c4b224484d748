// The progress of many runs at once. On a terminal the lines of the running ones stay at the bottom
// and move; elsewhere a plain line is printed now and then.

public import Execution
import Foundation
import Records
import Synchronization
public import Training

/// Prints what runs report.
///
/// Reports may come from any thread; they are shown in the order in which they arrive.
public final class ProgressDisplay: Sendable {
  /// How progress is shown.
  public enum Style: Sendable {
    /// A moving line a run.
    case live(width: Int)
    /// A line every tenth of a run.
    case plain
    /// Nothing.
    case quiet
  }

  private struct State {
    var running: [TrainingPlan] = []
    var lines: [TrainingPlan: ProgressLine] = [:]
    var tenths: [TrainingPlan: Int] = [:]
    var drawn = 0
    var ended = 0
  }

  private let style: Style
  private let labels: [TrainingPlan: String]
  private let labelWidth: Int
  private let count: Int
  private let write: @Sendable (String) -> Void
  private let state = Mutex(State())

  /// Makes a display.
  ///
  /// - Parameters:
  ///   - style: How progress is shown.
  ///   - plans: Every run that may report.
  ///   - others: Further runs that labels must tell them from.
  ///   - write: Puts text where the user sees it.
  public init(
    _ style: Style, plans: [TrainingPlan], others: [TrainingPlan] = [],
    write: @escaping @Sendable (String) -> Void
  ) {
    self.style = style
    let labels = Self.labels(plans + others)
    self.labels = labels
    labelWidth = plans.compactMap { labels[$0]?.count }.max() ?? 0
    count = Set(plans).count
    self.write = write
  }

  /// Shows an update.
  public func show(_ update: RunUpdate) {
    if case .quiet = style { return }
    state.withLock { state in
      let now = Date()
      let name = labels[update.plan] ?? update.plan.identifier
      var remark = Self.apply(update, to: &state, label: name, now: now)
      if count > 1, update.news.isEnd {
        state.ended += 1
        remark = remark.map { "\($0) (\(state.ended) of \(count) runs)" }
      }
      let label = name.padding(
        toLength: max(labelWidth, name.count), withPad: " ", startingAt: 0)
      switch style {
      case .quiet: break
      case .live(let width):
        // Back to the first moving line; each line is written over and cleared to its end.
        var text = state.drawn > 0 ? "\u{1B}[\(state.drawn)A" : ""
        if let remark { text += "\(label) \(remark)\u{1B}[K\n" }
        for plan in state.running {
          let line = state.lines[plan]?.text(width: width, labelWidth: labelWidth, now: now) ?? ""
          text += "\(line)\u{1B}[K\n"
        }
        state.drawn = state.running.count
        write(text + "\u{1B}[J")
      case .plain:
        if let remark {
          write("\(label) \(remark)\n")
        } else if case .measured = update.news, let line = state.lines[update.plan],
          state.tenths.updateValue(Int(10 * line.fraction), forKey: update.plan)
            != Int(10 * line.fraction)
        {
          write(line.text(width: 100, labelWidth: labelWidth, now: now) + "\n")
        }
      }
    }
  }

  /// Short names where they tell all runs apart, the folders' names otherwise.
  private static func labels(_ plans: [TrainingPlan]) -> [TrainingPlan: String] {
    let plans = Set(plans)
    let short = Set(plans.map { "\($0.initializer) \($0.width)" })
    return Dictionary(
      uniqueKeysWithValues: plans.map { plan in
        (plan, short.count == plans.count ? "\(plan.initializer) \(plan.width)" : plan.identifier)
      })
  }

  /// Notes an update.
  ///
  /// - Returns: What to say beside the moving lines, once.
  private static func apply(
    _ update: RunUpdate, to state: inout State, label: String, now: Date
  ) -> String? {
    let plan = update.plan
    switch update.news {
    case .started, .restarted:
      state.running.append(plan)
      state.lines[plan] = ProgressLine(label: label, started: now)
      if case .restarted = update.news {
        return "left no checkpoint that can be used; beginning again"
      }
    case .resumed(let iteration, let elsewhere):
      state.running.append(plan)
      state.lines[plan] = ProgressLine(label: label, started: now, earlier: iteration)
      return "goes on after \(iteration) updates"
        + (elsewhere.map { ", made with other arithmetic (\($0)): the last bits may differ" } ?? "")
    case .measured(let step, let quantities):
      state.lines[plan]?.update(step, quantities: quantities)
    case .tested, .snapshot:
      break
    case .kept(let lacksModel):
      return "done before, kept" + (lacksModel ? ", but without a model" : "")
        + " (--fresh trains it again)"
    case .ended(let status):
      state.running.removeAll { $0 == plan }
      let time = String(format: "%.1f s", status.seconds ?? 0)
      let word =
        status.status == .interrupted ? "interrupted, with a checkpoint," : status.status.rawValue
      return "\(word) after \(time)" + (status.message.map { ": \($0)" } ?? "")
    }
    return nil
  }
}

extension RunUpdate.News {
  /// Whether the run will report nothing more.
  fileprivate var isEnd: Bool {
    switch self {
    case .ended, .kept: true
    case .started, .resumed, .restarted, .measured, .tested, .snapshot: false
    }
  }
}
