// The batch script of a job array, as text.

public import Foundation
import Messages

/// What Slurm is asked for.
public struct SlurmOptions: Equatable, Sendable {
  /// The partition, or `nil` for the cluster's default.
  public var partition: String?

  /// The time limit of a task in Slurm's notation, or `nil` for the partition's.
  public var time: String?

  /// The most tasks at a time, or `nil` for as many as there is room for.
  public var arrayLimit: Int?

  /// The cores of a task.
  public var coresPerTask = 1

  /// Further options of sbatch, as they are, for example `--mem=4G`.
  public var others: [String] = []

  /// The cluster's defaults.
  public init() {}

  /// The options of every job, the gathering one too.
  var common: [String] {
    (partition.map { ["--partition=\($0)"] } ?? []) + (time.map { ["--time=\($0)"] } ?? []) + others
  }
}

/// A job array over some tasks of an experiment.
public struct SlurmScript: Equatable, Sendable {
  /// The experiment's name.
  public let experiment: String

  /// The tasks, in rising order.
  public let tasks: [Int]

  /// The command of a task, up to and without `--task`.
  public let command: [String]

  /// Where each task's output goes.
  public let logFolder: URL

  /// What Slurm is asked for.
  public let options: SlurmOptions

  /// Puts a job together.
  public init(
    experiment: String, tasks: [Int], command: [String], logFolder: URL, options: SlurmOptions
  ) {
    self.experiment = experiment
    self.tasks = tasks
    self.command = command
    self.logFolder = logFolder
    self.options = options
  }

  /// The script: what a task does.
  public var text: String {
    """
    #!/bin/sh
    exec \(Self.quoted(command)) --task "$SLURM_ARRAY_TASK_ID"

    """
  }

  /// What sbatch is given beside the script: as arguments, where no blank and no quote means anything.
  ///
  /// A task is asked to stop a minute before its time is over, so that it ends with a checkpoint, and is
  /// queued again when its node fails.
  public var arguments: [String] {
    let limit = options.arrayLimit.map { "%\($0)" } ?? ""
    return [
      "--job-name=\(jobName)", "--array=\(Self.ranges(tasks))\(limit)",
      "--output=\(Self.escaped(logFolder))/%A_%a.log", "--open-mode=append", "--ntasks=1",
      "--cpus-per-task=\(options.coresPerTask)", "--signal=B:TERM@60", "--requeue",
    ] + options.common
  }

  /// A folder in a pattern of file names, where a percent sign means something.
  static func escaped(_ folder: URL) -> String { folder.path.replacing("%", with: "%%") }

  /// The job's name in the queue.
  public var jobName: String { "zerolab-\(experiment)" }

  /// Numbers as Slurm writes them: `0-4,7,9-10`.
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

  /// A command line for a shell.
  static func quoted(_ words: [String]) -> String {
    words.map(shellQuoted).joined(separator: " ")
  }
}
