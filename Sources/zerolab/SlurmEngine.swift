// zerolab run --engine slurm: the unfinished runs as one job array.

import Checksums
import Clusters
import Datasets
import Execution
import Experiments
import Foundation
import Records
import Training

/// Submits experiments to Slurm.
struct SlurmEngine {
  /// Where results lie; the folder must be the same one on every node.
  let runner: ExperimentRunner

  /// The options that tasks are given as they were given here.
  let passedOn: [String]

  let cluster: ClusterOptions
  let cores: Int

  /// Submits what is unfinished.
  ///
  /// Tasks read a copy of the experiment's file as it is now, so that an edit can't change what a number
  /// means.
  func submit(_ experiment: Experiment, data: [String: Dataset]) throws {
    let slurm = SlurmCommands()
    let folder = runner.folder(of: experiment)
    try Self.checkIdle(experiment, in: folder)
    let unfinished = try unfinishedRuns(of: experiment, in: folder, data)
    guard !unfinished.isEmpty else {
      print(
        "\(experiment.name): every run is done; without --engine the same command draws the figures"
      )
      return
    }
    if SlurmSubmission(in: folder) != nil { UnfinishedRuns(experiment, in: folder).report() }
    let runs = experiment.plans.count
    let largest = try slurm.largestArray()
    guard largest > 0 else { throw ClusterError.noArrays }
    let runsPerTask = cluster.runsPerTask ?? max(1, (runs + largest - 1) / largest)
    let tasks = Set(unfinished.map { $0 / runsPerTask }).sorted()
    let places = Dictionary(
      experiment.plans.enumerated().map { ($1.identifier, $0 / runsPerTask) },
      uniquingKeysWith: { first, _ in first })

    let copy = SlurmSubmission.folder(in: folder).appendingPathComponent(
      "experiment-\(sha256(Array(experiment.source.utf8)).prefix(12)).yaml")
    try RecordFiles.write(Array(experiment.source.utf8), to: copy)
    let program = Bundle.main.executableURL?.path ?? CommandLine.arguments[0]
    let command = [program, "run", copy.path, "--out", runner.output.path] + passedOn
    let script = SlurmScript(
      experiment: experiment.name, tasks: tasks,
      command: command + ["--plain", "--jobs", "\(cores)", "--runs-per-task", "\(runsPerTask)"],
      logFolder: SlurmSubmission.folder(in: folder), options: cluster.slurmOptions(cores: cores))
    let submission = try SlurmSubmission(
      script, gathering: command + ["--gather"], tasksOfRuns: places, in: folder, slurm)
    print(
      """
      \(experiment.name): \(unfinished.count) of \(runs) runs to do, in \(tasks.count == 1 ? "one task" : "\(tasks.count) tasks") of job \
      \(submission.job); job \(submission.gatheringJob ?? "-") gathers the results
        scripts and logs: \(SlurmSubmission.folder(in: folder).relativePath)
      """)
  }

  /// Refuses to touch an experiment whose array waits or runs.
  ///
  /// - Throws: `ClusterError.underWay`.
  static func checkIdle(_ experiment: Experiment, in folder: ExperimentFolder) throws {
    if let earlier = SlurmSubmission(in: folder), try earlier.isUnderWay(SlurmCommands()) {
      throw ClusterError.underWay(experiment: experiment.name, job: earlier.job)
    }
  }

  /// The same, where there need not be a Slurm: results may have come from elsewhere.
  static func checkIdleIfPossible(_ experiment: Experiment, in folder: ExperimentFolder) throws {
    do {
      try checkIdle(experiment, in: folder)
    } catch ClusterError.noSlurm {
      standardError("\(experiment.name) was submitted to a Slurm that can't be asked from here\n")
    }
  }

  /// The places of the runs that are not done.
  private func unfinishedRuns(
    of experiment: Experiment, in folder: ExperimentFolder, _ data: [String: Dataset]
  ) throws -> [Int] {
    try experiment.plans.enumerated().compactMap { index, plan in
      guard let dataset = data[plan.data] else { throw DatasetError.unknownName(plan.data) }
      try plan.validate(for: dataset)
      let description = Provenance.Data(dataset)
      return try folder.run(plan).holdsFinishedRun(of: plan, on: description) ? nil : index
    }
  }
}

/// The runs that ended before their time, with the logs of their tasks.
struct UnfinishedRuns {
  private let lines: [String]

  init(_ experiment: Experiment, in folder: ExperimentFolder) {
    let submission = SlurmSubmission(in: folder)
    lines = experiment.plans.compactMap { plan in
      let run = folder.run(plan)
      let log = submission?.log(of: plan.identifier, in: folder)
      let hasLog = log.map { FileManager.default.fileExists(atPath: $0.path) } ?? false
      let place = hasLog ? log.map { "; log: \($0.relativePath)" } ?? "" : ""
      guard run.holdsRun else { return "\(plan.identifier) has not begun\(place)" }
      guard let status = try? RunRecord(run).status else {
        return "\(plan.identifier) has an unreadable record\(place)"
      }
      guard status.status != .done else { return nil }
      let word = status.status == .running ? "broken off or still running" : status.status.rawValue
      return "\(plan.identifier) is \(word)" + (status.message.map { " (\($0))" } ?? "") + place
    }
  }

  /// Names them on standard error.
  func report() { for line in lines { standardError(line + "\n") } }
}
