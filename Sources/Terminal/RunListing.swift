// What would happen, before it does.

public import Datasets
public import Execution
public import Experiments
import Foundation
import Parallelism
import Records
import Reports
import Training

/// The runs of some experiments, before they begin.
public struct RunListing: Sendable {
  private let plans: [TrainingPlan]
  private let finished: Set<TrainingPlan>
  private let damaged: Set<TrainingPlan>
  private let begun: [TrainingPlan: Double]
  private let estimates: [RunEstimate]
  private let dataBytes: Int
  private let jobs: Int

  /// Looks at what is there, and times a few updates of each kind of run.
  ///
  /// - Parameters:
  ///   - experiments: Name the runs.
  ///   - data: The data sets, by the name that plans give them.
  ///   - runner: Would carry the runs out.
  /// - Throws: As `RunEstimate.estimates`, and `RecordError.otherPlan` when a folder holds another plan's
  ///   run.
  public init(
    _ experiments: [Experiment], data: [String: Dataset], runner: ExperimentRunner
  ) throws {
    plans = Experiment.distinctPlans(of: experiments)
    var (finished, damaged): (Set<TrainingPlan>, Set<TrainingPlan>) = ([], [])
    var begun: [TrainingPlan: Double] = [:]
    for experiment in experiments {
      for plan in experiment.plans {
        guard let dataset = data[plan.data] else { continue }
        let home = runner.folder(of: experiment).run(plan)
        do {
          if try home.holdsFinishedRun(of: plan, on: Provenance.Data(dataset)) {
            finished.insert(plan)
          } else if home.hasCheckpoint {
            begun[plan] = Self.share(of: home, plan, on: dataset)
          }
        } catch {
          guard error.concernsOneRun else { throw error }
          damaged.insert(plan)
        }
      }
    }
    self.damaged = damaged
    self.finished = finished
    self.begun = begun
    estimates = try RunEstimate.estimates(of: plans, data: data)
    dataBytes = data.values.reduce(0) { sum, dataset in
      sum + (dataset.train.count + dataset.test.count) * dataset.inputDimension
    }
    jobs = runner.pool.threads
  }

  /// A row a run, and the sum.
  public var text: String {
    let rows = zip(plans, estimates).map { plan, estimate in
      [
        plan.identifier, estimate.seconds.map(Self.time) ?? "too large",
        "\(estimate.bytes >> 20) MiB",
        finished.contains(plan)
          ? "done"
          : damaged.contains(plan)
            ? "damaged"
            : begun[plan].map { String(format: "begun, %.0f %%", (100 * $0).rounded(.down)) }
              ?? "to do",
      ]
    }
    let open = zip(plans, estimates).filter {
      !finished.contains($0.0) && !damaged.contains($0.0)
    }.map(\.1)
    let seconds = open.compactMap(\.seconds).reduce(0, +) / Double(jobs)
    let running = open.map(\.bytes).sorted(by: >).prefix(jobs).reduce(dataBytes, +)
    // Reading holds the files, their contents and the pixels for a moment.
    let bytes = Self.programBytes + max(running, 3 * dataBytes)
    let cores = jobs == 1 ? "one core" : "\(jobs) cores"
    return TextTable(headings: ["run", "one core", "memory", "status"], rows: rows).aligned
      + "\n\(open.count) of \(plans.count) runs to do: about \(Self.time(seconds)) on \(cores), "
      + "with at most \(bytes >> 20) MiB at a time\n"
  }

  /// How far a run came, by its last row.
  private static func share(of run: RunFolder, _ plan: TrainingPlan, on data: Dataset) -> Double {
    var tail = MetricsTail(run)
    var progress = RunProgress(label: "", plan: plan, data: Provenance.Data(data))
    if let row = (try? tail.next())?.train {
      progress.measure(
        iteration: row.iteration, epoch: row.epoch, loss: row.loss, quantities: [:], at: 0)
    }
    return progress.fraction
  }

  /// The program itself, with its libraries.
  private static let programBytes = 20 << 20

  private static func time(_ seconds: Double) -> String {
    if seconds < 10 { return String(format: "%.1f s", seconds) }
    if seconds < 100 { return String(format: "%.0f s", seconds) }
    if seconds < 6000 { return String(format: "%.0f min", seconds / 60) }
    return String(format: "%.1f h", seconds / 3600)
  }
}
