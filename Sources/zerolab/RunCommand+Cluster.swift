// zerolab run on clusters: submitting tasks, and running as a task.

import ArgumentParser
import Foundation
import ZerOClusters
import ZerODatasets
import ZerOExecution
import ZerOExperiments
import ZerORecords
import ZerOTraining

extension RunCommand {
  /// Submits the unfinished runs and prints their number.
  func submit(
    _ experiment: Experiment, in folder: ExperimentFolder, data: [String: Dataset]
  ) throws {
    let cores = jobs.jobs ?? 1
    let engine = SlurmEngine(
      program: Bundle.main.executableURL?.path ?? CommandLine.arguments[0],
      output: URL(fileURLWithPath: output), taskOptions: taskOptions + ["--jobs", "\(cores)"],
      runsPerTask: cluster.runsPerTask, options: cluster.slurmOptions(cores: cores))
    let earlier = try SlurmSubmission.latest(in: folder)
    let unfinished = try UnfinishedRuns(experiment, in: folder)
    guard let outcome = try engine.submit(experiment, in: folder, data: data) else {
      print(
        "\(experiment.name): every run is done; without --engine the same command draws the figures"
      )
      return
    }
    if earlier != nil { for line in unfinished.lines { standardError(line + "\n") } }
    let tasks = outcome.tasks == 1 ? "one task" : "\(outcome.tasks) tasks"
    print(
      """
      \(experiment.name): \(outcome.unfinished) of \(outcome.runs) runs to do, in \(tasks) of job \
      \(outcome.submission.job); job \(outcome.submission.gatheringJob ?? "-") gathers the results
        scripts and logs: \(SlurmSubmission.folder(in: folder).relativePath)
      """)
  }

  /// Checks that no job array executes the experiment; without Slurm, prints a warning that this is unknown.
  func checkIdle(_ experiment: Experiment, in folder: ExperimentFolder) throws {
    do {
      try SlurmEngine.checkIdle(experiment, in: folder)
    } catch {
      guard case .noSlurm = error, cluster.engine == .local else { throw error }
      standardError(
        "\(experiment.name) was submitted to Slurm; its state is unknown, because Slurm's commands are "
          + "missing here\n")
    }
  }

  /// The options that are passed on to every task.
  private var taskOptions: [String] {
    (epochs.map { ["--epochs", "\($0)"] } ?? []) + (data.map { ["--data", $0] } ?? [])
      + (saveModels ? ["--save-models"] : [])
      + ["--checkpoint-every", "\(checkpoints.checkpointEvery)"]
  }

  /// Prints the status of each run of a task.
  func reportTask(
    _ selection: [TrainingPlan], _ experiments: [Experiment], _ runner: ExperimentRunner
  ) throws {
    var isDone = true
    let selection = Set(selection)
    for experiment in experiments {
      let folder = runner.folder(of: experiment)
      for plan in experiment.plans where selection.contains(plan) {
        do {
          let status = try folder.run(plan).status
          isDone = isDone && status.status == .done
          print("\(plan.identifier): \(status.status.rawValue)")
        } catch {
          isDone = false
          print("\(plan.identifier): \(error)")
        }
      }
    }
    if !isDone { throw ExitCode(Failure.Code.failed.rawValue) }
  }
}
