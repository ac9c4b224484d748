import Foundation
public import ZerOExperiments
public import ZerORecords
public import ZerOTraining

/// The unfinished runs of an experiment, with the logs of their tasks.
public struct UnfinishedRuns: Sendable {
  /// One line per run: its name, its state, and the log of its task if Slurm has written one.
  public let lines: [String]

  /// Checks the results of an experiment.
  ///
  /// - Parameters:
  ///   - experiment: The experiment.
  ///   - folder: The folder of its results.
  ///   - damaged: The defects of runs whose rows have been read.
  /// - Throws: `ClusterError.unreadableSubmission`.
  public init(
    _ experiment: Experiment, in folder: ExperimentFolder, damaged: [TrainingPlan: String] = [:]
  ) throws(ClusterError) {
    let submission = try SlurmSubmission.latest(in: folder)
    lines = experiment.plans.compactMap { plan in
      let standing =
        damaged[plan].map { "cannot be used: \($0)" }
        ?? Self.standing(of: plan, in: folder.run(plan))
      return standing.map { standing in
        let log = submission?.log(of: plan.recordIdentifier, in: folder)
        let hasLog = log.map { FileManager.default.fileExists(atPath: $0.path) } ?? false
        return "\(plan.identifier) \(standing)"
          + (hasLog ? log.map { "; log: \($0.relativePath)" } ?? "" : "")
      }
    }
  }

  /// The state of a run in words; `nil` if it is finished.
  private static func standing(of plan: TrainingPlan, in run: RunFolder) -> String? {
    guard run.holdsRun else { return "has not started" }
    let status: RunStatus
    do {
      status = try run.status
      try run.check(status, of: plan, on: try run.provenance.data)
    } catch {
      return "cannot be used: \(error)"
    }
    switch status.status {
    case .done: return nil
    case .running: return "was interrupted or is still running"
    case .diverged, .failed: return "has \(status.status.rawValue)" + reason(status)
    case .interrupted: return "was interrupted" + reason(status)
    }
  }

  private static func reason(_ status: RunStatus) -> String {
    status.message.map { " (\($0))" } ?? ""
  }
}
