// The batch script of a job array.

public import Foundation
import ZerOMessages

/// The options of a Slurm job.
public struct SlurmOptions: Equatable, Sendable {
  /// The partition; `nil` for the cluster's default.
  public var partition: String?

  /// The time limit per task in Slurm's notation; `nil` for the partition's default.
  public var time: String?

  /// The maximum number of concurrent tasks; `nil` for no limit.
  public var arrayLimit: Int?

  /// The number of cores per task.
  public var coresPerTask = 1

  /// Additional options of sbatch, passed unchanged, for example `--mem=4G`.
  public var others: [String] = []

  /// Makes options with the cluster's defaults.
  public init() {}

  /// The options of all jobs, including the gathering one.
  var common: [String] {
    (partition.map { ["--partition=\($0)"] } ?? []) + (time.map { ["--time=\($0)"] } ?? []) + others
  }
}

/// A job array for some tasks of an experiment.
public struct SlurmScript: Equatable, Sendable {
  /// The name of the experiment.
  public let experiment: String

  /// The task indices, in ascending order.
  public let tasks: [Int]

  /// The command of a task, without `--task`.
  public let command: [String]

  /// The folder for the output of each task.
  public let logFolder: URL

  /// The options for Slurm.
  public let options: SlurmOptions

  /// Makes a script.
  public init(
    experiment: String, tasks: [Int], command: [String], logFolder: URL, options: SlurmOptions
  ) {
    self.experiment = experiment
    self.tasks = tasks
    self.command = command
    self.logFolder = logFolder
    self.options = options
  }

  /// The text of the script, which each task executes.
  public var text: String {
    """
    #!/bin/sh
    exec \(Self.quoted(command)) --task "$SLURM_ARRAY_TASK_ID"

    """
  }

  /// The arguments of sbatch, in addition to the script.
  ///
  /// As arguments they need no quoting.
  ///
  /// A task receives SIGTERM one minute before its time limit, so it ends with a checkpoint. It is
  /// queued again if its node fails.
  public var arguments: [String] {
    let limit = options.arrayLimit.map { "%\($0)" } ?? ""
    return [
      "--job-name=\(jobName)", "--array=\(Self.ranges(tasks))\(limit)",
      "--output=\(Self.escaped(logFolder))/%A_%a.log", "--open-mode=append", "--ntasks=1",
      "--cpus-per-task=\(options.coresPerTask)", "--signal=B:TERM@60", "--requeue",
    ] + options.common
  }

  /// The path of a folder, escaped for Slurm's file name patterns, in which a percent sign is
  /// special.
  static func escaped(_ folder: URL) -> String { folder.path.replacing("%", with: "%%") }

  /// The name of the job in the queue.
  public var jobName: String { "zerolab-\(experiment)" }

  /// Formats numbers in Slurm's notation: `0-4,7,9-10`.
  static func ranges(_ numbers: [Int]) -> String {
    var ranges: [ClosedRange<Int>] = []
    for number in numbers {
      if let last = ranges.last, last.upperBound + 1 == number {
        ranges[ranges.count - 1] = last.lowerBound...number
      } else {
        ranges.append(number...number)
      }
    }
    return ranges.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
      .joined(separator: ",")
  }

  /// Quotes a command line for a shell.
  static func quoted(_ words: [String]) -> String {
    words.map(shellQuoted).joined(separator: " ")
  }
}
