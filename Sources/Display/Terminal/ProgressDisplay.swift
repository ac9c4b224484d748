// The progress of the runs of this process.

import Foundation
import Synchronization
public import ZerOExecution
import ZerOLinearAlgebra
import ZerOMessages
public import ZerORecords
public import ZerOTraining

/// Prints the progress that runs report.
///
/// Reports may come from any thread and are shown in order of arrival.
public final class ProgressDisplay: Sendable {
  private struct State {
    var board: ProgressBoard<TrainingPlan>
    var printer: ProgressPrinter<TrainingPlan>
    var ticks = 0
    var isEnded = false
  }

  private let state: Mutex<State>
  private let now: @Sendable () -> Double
  private let write: @Sendable (String) -> Void

  /// Makes a display.
  ///
  /// - Parameters:
  ///   - style: The style of progress output.
  ///   - plans: The valid plans of all runs that may report.
  ///   - others: Further runs; labels are unique among these as well.
  ///   - data: The images of the plans.
  ///   - threads: The number of threads that execute the runs. A live display measures the speed of one core.
  ///   - now: Seconds of a monotonic clock; by default the system's.
  ///   - write: Writes a text in one piece.
  public init(
    _ style: ProgressStyle, plans: [TrainingPlan], others: [TrainingPlan] = [],
    data: [DataSelection: Provenance.Data], threads: Int,
    now: (@Sendable () -> Double)? = nil,
    write: @escaping @Sendable (String) -> Void
  ) {
    let labels = RunLabels.labels(plans + others)
    let runs = plans.map { plan in
      let label = labels[plan] ?? plan.identifier
      return (plan, RunProgress(label: label, plan: plan, data: data[DataSelection(of: plan)]))
    }
    var machine: ProgressBoard<TrainingPlan>.Machine?
    if case .live = style {
      machine = .init(operationsPerSecond: BLAS.measuredRate(), threads: threads)
    }
    let board = ProgressBoard(
      runs: Dictionary(runs, uniquingKeysWith: { first, _ in first }), machine: machine)
    state = Mutex(State(board: board, printer: ProgressPrinter(style)))
    self.now = now ?? { ProcessInfo.processInfo.systemUptime }
    self.write = write
  }

  /// Shows an update.
  public func show(_ update: RunUpdate) {
    print { board, time in
      guard var run = board.runs[update.plan] else { return ([], []) }
      var remark = run.apply(update.news, at: time)
      board.set(update.plan, run, at: time)
      if run.isFinished, board.runs.count > 1 {
        let count = "\(board.finished) of \(board.runs.count)"
        remark = remark.map {
          Remark(label: $0.label, text: $0.text + " (\(count))", color: $0.color)
        }
      }
      let isMeasured = if case .measured = update.news { true } else { false }
      return (remark.map { [$0] } ?? [], isMeasured ? [update.plan] : [])
    }
  }

  /// Prints a message that concerns no particular run, above the moving lines.
  public func announce(_ text: String) {
    print { _, _ in ([Remark(label: "zerolab:", text: text)], []) }
  }

  /// Performs some work and redraws meanwhile: once per second, and shortly after the window changes its size.
  ///
  /// The moving lines are removed at the end.
  ///
  /// - Parameter work: Work that reports through `show`.
  /// - Returns: The result of the work.
  /// - Throws: The error of the work.
  public func redrawing<Result>(during work: () async throws -> Result) async rethrows -> Result {
    let timer = DispatchSource.makeTimerSource(queue: .global())
    timer.schedule(deadline: .now() + 0.1, repeating: 0.1)
    timer.setEventHandler { [self] in tick() }
    timer.resume()
    defer {
      timer.cancel()
      state.withLock { state in
        // The timer's handler may be waiting for the lock.
        state.isEnded = true
        send(state.printer.finish())
      }
    }
    return try await work()
  }

  private func print(
    _ change: (inout ProgressBoard<TrainingPlan>, Double) -> ([Remark], changed: [TrainingPlan])
  ) {
    state.withLock { state in
      guard !state.isEnded else { return }
      let time = now()
      let (remarks, changed) = change(&state.board, time)
      send(state.printer.text(remarks, changed: changed, of: state.board, at: time))
    }
  }

  /// Called every tenth of a second.
  private func tick() {
    let isDue = state.withLock { state in
      state.ticks += 1
      return state.ticks.isMultiple(of: 10) || state.printer.needsFrame
    }
    if isDue { print { _, _ in ([], []) } }
  }

  private func send(_ text: String) { if !text.isEmpty { write(text) } }
}

extension RunProgress {
  /// Applies an update.
  ///
  /// - Returns: A remark on the update, if any.
  fileprivate mutating func apply(_ news: RunUpdate.News, at time: Double) -> Remark? {
    switch news {
    case .started:
      begin()
    case .restarted(let defect):
      begin()
      return Remark(
        label: label, text: "has no usable checkpoint (\(defect)); training restarts",
        color: .yellow)
    case .resumed(let iteration, let elsewhere):
      begin(after: iteration)
      let warning = elsewhere.map {
        ", which were computed with other arithmetic (\($0)): the last bits may differ"
      }
      return Remark(
        label: label, text: "resumed after \(counted(iteration, "update"))" + (warning ?? ""),
        color: warning == nil ? nil : .yellow)
    case .measured(let step):
      measure(
        iteration: step.iteration, epoch: step.epoch, loss: step.loss, quantities: step.quantities,
        at: time)
    case .tested(let test):
      testAccuracy = test.accuracy
    case .snapshot: break
    case .kept(let lacksModel):
      end(RunStatus(.done), isEarlier: true)
      return Remark(
        label: label,
        text: "already done" + (lacksModel ? ", but without a model" : "")
          + " (--fresh trains it again)")
    case .movedAside(let place, let error):
      return Remark(
        label: label,
        text: "\(error.defect); moved aside to \(place.relativePath); training restarts",
        color: .yellow)
    case .leftOut(let error):
      damage(error)
      return endRemark
    case .ended(let status):
      end(status)
      return endRemark
    }
    return nil
  }
}
