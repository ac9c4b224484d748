// Options for clusters.

import ArgumentParser
import Foundation
import ZerOClusters

/// Tasks of a cluster and their submission.
struct ClusterOptions: ParsableArguments {
  /// The executor of the runs.
  enum Engine: String, CaseIterable, ExpressibleByArgument {
    case local, slurm
  }

  @Option(help: "Run in this process (local) or as a Slurm job array (slurm).")
  var engine = Engine.local

  @Option(
    help: """
      Run one task of the experiment, counted from 0, and draw nothing. By default the task in \
      SLURM_ARRAY_TASK_ID or JOB_COMPLETION_INDEX, if set.
      """)
  var task: Int?

  @Option(
    help:
      "Runs per task; by default 1, or more if there are too many runs for one Slurm array."
  )
  var runsPerTask: Int?

  @Flag(help: "Write tables and figures of the existing runs, without running any.")
  var gather = false

  @Option(help: "Slurm partition.")
  var partition: String?

  @Option(help: "Slurm time limit per task, for example 2:00:00.")
  var time: String?

  @Option(help: "Maximum number of Slurm tasks at a time.")
  var arrayLimit: Int?

  @Option(
    parsing: .unconditionalSingleValue,
    help: "Further option for sbatch, for example --mem=4G; may be repeated.")
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
      throw ValidationError("--engine slurm cannot be combined with --task or --gather")
    }
    if task != nil, gather { throw ValidationError("--task and --gather cannot be combined") }
    if engine == .local, partition != nil || time != nil || arrayLimit != nil || !sbatch.isEmpty {
      throw ValidationError("--partition, --time, --array-limit and --sbatch need --engine slurm")
    }
  }

  /// The options of the Slurm jobs.
  func slurmOptions(cores: Int) -> SlurmOptions {
    var options = SlurmOptions()
    options.partition = partition
    options.time = time
    options.arrayLimit = arrayLimit
    options.coresPerTask = cores
    options.others = sbatch
    return options
  }

  /// The task of this process, `nil` for all runs.
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
