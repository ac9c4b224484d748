// The runs of experiments, their states and their estimated cost, before anything is executed.

import Foundation
public import ZerODatasets
public import ZerOExecution
public import ZerOExperiments
import ZerOMessages
import ZerOParallelism
import ZerORecords
import ZerOReports
import ZerOTraining

/// The runs of some experiments, before they start.
public struct RunListing: Sendable {
  private let plans: [TrainingPlan]
  private let states: [TrainingPlan: State]
  private let sameStarts: [TrainingPlan: TrainingPlan]
  private let estimates: [TrainingPlan: RunEstimate]
  private let dataBytes: Int
  private let jobs: Int

  /// The state of a run that has records.
  private enum State {
    case done
    /// Interrupted, with a checkpoint and rows for a fraction of its updates.
    case started(Double)
    /// Its rows are not the ones it wrote; it will be trained again.
    case invalid(RecordError)
    /// Unusable, and left unchanged.
    case damaged(RecordError)
  }

  /// Reads the state of each run, and times a few updates of each kind of unfinished run.
  ///
  /// - Parameters:
  ///   - experiments: The experiments.
  ///   - data: The data sets, by the names that plans use.
  ///   - runner: The runner that would execute the runs.
  /// - Throws: The errors of `RunEstimate.estimates`, `ExperimentError.unmeasuredUpdate` for a figure without values, and
  ///   `RecordError.otherPlan` if a folder contains the run of another plan.
  public init(
    _ experiments: [Experiment], data: [String: Dataset], runner: ExperimentRunner
  ) throws {
    let plans = Experiment.distinctPlans(of: experiments)
    var datasets = SelectedDatasets(data)
    let descriptions = try datasets.descriptions(of: plans)
    for experiment in experiments { try experiment.checkFigures(on: &datasets) }
    var states: [TrainingPlan: State] = [:]
    for experiment in experiments {
      let folder = runner.folder(of: experiment)
      for plan in experiment.plans {
        guard let description = descriptions[DataSelection(of: plan)] else { continue }
        if case .done = states[plan] { continue }
        states[plan] =
          try Self.state(of: folder.run(plan), plan, on: description)
          ?? states[plan]
      }
    }
    self.plans = plans
    self.states = states
    sameStarts = TrainingPlan.sameStarts(
      among: plans,
      sizes: descriptions.mapValues { (inputs: $0.inputDimension, classes: $0.classCount) })
    let open = plans.filter { plan in
      switch states[plan] {
      case .done, .damaged: false
      case .started, .invalid, nil: true
      }
    }
    estimates = Dictionary(
      uniqueKeysWithValues: zip(
        open, try RunEstimate.estimates(of: open, data: data, initializers: runner.initializers)))
    dataBytes = data.values.reduce(0) { sum, dataset in
      sum + (dataset.train.count + dataset.test.count) * dataset.inputDimension
    }
    jobs = runner.pool.threads
  }

  /// One row per run, the total, and the runs with equal initial weights.
  public var text: String {
    let rows = plans.map { plan in
      let estimate = estimates[plan]
      return [
        plan.identifier,
        estimate.map { $0.seconds.map(Self.time) ?? "too large" } ?? "-",
        estimate.map { "\($0.bytes >> 20) MiB" } ?? "-",
        status(of: plan)
          + (sameStarts[plan].map { ", same initial weights as \($0.identifier)" } ?? ""),
      ]
    }
    let open = plans.compactMap { estimates[$0] }
    let seconds = open.compactMap(\.seconds).reduce(0, +) / Double(jobs)
    let running = open.map(\.bytes).sorted(by: >).prefix(jobs).reduce(dataBytes, +)
    // While data is read, the compressed files, their contents and the pixels are in memory together.
    let bytes = Self.programBytes + max(running, 3 * dataBytes)
    let cores = jobs == 1 ? "one core" : "\(jobs) cores"
    return TextTable(headings: ["run", "one core", "memory", "status"], rows: rows).aligned
      + "\n\(open.count) of \(plans.count) runs to do: about \(Self.time(seconds)) on \(cores), "
      + "with at most \(bytes >> 20) MiB of memory\n"
      + (sameStarts.isEmpty
        ? "" : "Runs with equal initial weights have equal results.\n")
  }

  /// One line per run with unusable records: its path and the reason.
  public var damagedRuns: [String] {
    plans.compactMap { plan in
      switch states[plan] {
      case .damaged(let error), .invalid(let error): error.description
      case .done, .started, nil: nil
      }
    }
  }

  private func status(of plan: TrainingPlan) -> String {
    switch states[plan] {
    case nil: "to do"
    case .done: "done"
    case .started(let fraction): String(format: "started, %.0f %%", (100 * fraction).rounded(.down))
    case .invalid(let error): "\(error.runState), to do again"
    case .damaged(let error): error.runState
    }
  }

  private static func state(of run: RunFolder, _ plan: TrainingPlan, on data: Provenance.Data)
    throws(RecordError) -> State?
  {
    do {
      switch try run.holding(of: plan, on: data) {
      case .finished: return .done
      case .damaged(let error): return .invalid(error)
      case .nothingFinished: return run.hasCheckpoint ? try started(run, plan, data) : nil
      }
    } catch {
      guard error.concernsOneRun else { throw error }
      return .damaged(error)
    }
  }

  /// The progress of an interrupted run, from its last row.
  private static func started(_ run: RunFolder, _ plan: TrainingPlan, _ data: Provenance.Data)
    throws(RecordError) -> State
  {
    var tail = MetricsTail(run)
    var progress = RunProgress(label: "", plan: plan, data: data)
    do throws(RecordError) {
      if let row = try tail.next().train {
        progress.measure(
          iteration: row.iteration, epoch: row.epoch, loss: row.loss, quantities: [:], at: 0)
      }
    } catch {
      if case .unreadable = error { throw error }
      return .invalid(error)
    }
    return .started(progress.fraction)
  }

  /// The memory of the program and its libraries.
  private static let programBytes = 20 << 20

  private static func time(_ seconds: Double) -> String {
    if seconds < 10 { return String(format: "%.1f s", seconds) }
    if seconds < 100 { return String(format: "%.0f s", seconds) }
    if seconds < 6000 { return String(format: "%.0f min", seconds / 60) }
    return String(format: "%.1f h", seconds / 3600)
  }
}
