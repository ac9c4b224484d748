// How the work is spread over more than one process.

import ArgumentParser
import Clusters
import Foundation

/// Tasks of a cluster, and how they are submitted.
struct ClusterOptions: ParsableArguments {
  /// What carries the runs out.
  enum Engine: String, CaseIterable, ExpressibleByArgument {
    case local, slurm
  }

  @Option(help: "What carries the runs out: this process, or a job array of Slurm.")
  var engine = Engine.local

  @Option(
    help: """
      Carry out one task of the experiment only, counted from 0, and draw nothing. By default the task that \
      SLURM_ARRAY_TASK_ID or JOB_COMPLETION_INDEX names, if there is one.
      """)
  var task: Int?

  @Option(
    help:
      "The runs of each task; by default 1, or more where there are too many for an array of Slurm."
  )
  var runsPerTask: Int?

  @Flag(help: "Run nothing: gather tables and figures of the runs that there are.")
  var gather = false

  @Option(help: "Slurm's partition.")
  var partition: String?

  @Option(help: "Slurm's time limit of a task, for example 2:00:00.")
  var time: String?

  @Option(help: "The most tasks of Slurm at a time.")
  var arrayLimit: Int?

  @Option(
    parsing: .unconditionalSingleValue,
    help: "A further option of sbatch, for example --mem=4G; may be repeated.")
  var sbatch: [String] = []

  func validate() throws {
    for (name, value, least) in [
      ("--task", task, 0), ("--runs-per-task", runsPerTask, 1), ("--array-limit", arrayLimit, 1),
    ] {
      if let value, value < least {
        throw ValidationError("\(name) is \(value); it must be at least \(least)")
      }
    }
    if engine == .slurm, task != nil || gather {
      throw ValidationError("--engine slurm excludes --task and --gather")
    }
    if task != nil, gather { throw ValidationError("--task and --gather exclude each other") }
    if engine == .local, partition != nil || time != nil || arrayLimit != nil || !sbatch.isEmpty {
      throw ValidationError("--partition, --time, --array-limit and --sbatch want --engine slurm")
    }
  }

  /// What Slurm is asked for.
  func slurmOptions(cores: Int) -> SlurmOptions {
    var options = SlurmOptions()
    options.partition = partition
    options.time = time
    options.arrayLimit = arrayLimit
    options.coresPerTask = cores
    options.others = sbatch
    return options
  }

  /// The task that this process is for, `nil` for all runs.
  ///
  /// - Throws: `ClusterError.notATask`.
  func share() throws -> TaskShare? {
    if let task { return TaskShare(index: task, runsPerTask: runsPerTask ?? 1) }
    guard engine == .local, !gather,
      let found = try TaskShare.index(from: ProcessInfo.processInfo.environment)
    else { return nil }
    standardError("task \(found.index), from \(found.variable)\n")
    return TaskShare(index: found.index, runsPerTask: runsPerTask ?? 1)
  }
}
