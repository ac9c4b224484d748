// Which runs want to be asked after, and where to look.

public import Experiments
import Foundation
public import Records
public import Training

/// The runs of an experiment that are not done, with the logs of their tasks.
public struct UnfinishedRuns: Sendable {
  /// A line a run: its name, how it stands, and its task's log, if Slurm has written one.
  public let lines: [String]

  /// Looks through an experiment's results.
  ///
  /// - Parameters:
  ///   - experiment: Names the runs.
  ///   - folder: Holds them.
  ///   - damaged: Reasons why runs cannot be used, where their rows have been read.
  /// - Throws: `ClusterError.unreadableSubmission`.
  public init(
    _ experiment: Experiment, in folder: ExperimentFolder, damaged: [TrainingPlan: String] = [:]
  ) throws(ClusterError) {
    let submission = try SlurmSubmission.latest(in: folder)
    lines = experiment.plans.compactMap { plan in
      let standing =
        damaged[plan].map { "can't be used: \($0)" }
        ?? Self.standing(of: plan, in: folder.run(plan))
      return standing.map { standing in
        let log = submission?.log(of: plan.identifier, in: folder)
        let hasLog = log.map { FileManager.default.fileExists(atPath: $0.path) } ?? false
        return "\(plan.identifier) \(standing)"
          + (hasLog ? log.map { "; log: \($0.relativePath)" } ?? "" : "")
      }
    }
  }

  /// How a run stands, in words; `nil` when it is done.
  private static func standing(of plan: TrainingPlan, in run: RunFolder) -> String? {
    guard run.holdsRun else { return "has not begun" }
    let status: RunStatus
    do {
      status = try run.status
      try run.check(status, of: plan, on: try run.provenance.data)
    } catch {
      return "can't be used: \(error)"
    }
    switch status.status {
    case .done: return nil
    case .running: return "is broken off or still running"
    case .diverged, .failed, .interrupted:
      return "is \(status.status.rawValue)" + (status.message.map { " (\($0))" } ?? "")
    }
  }
}
