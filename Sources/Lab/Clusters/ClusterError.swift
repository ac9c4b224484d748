// Every way in which work can't be given to a cluster.

import Messages

/// Why a cluster can't be used, or a task not be carried out.
public enum ClusterError: Error, Equatable, CustomStringConvertible {
  /// A variable of the environment that should be a task's number.
  case notATask(variable: String, value: String)

  /// A task beyond the last.
  case noSuchTask(index: Int, count: Int)

  /// A program of Slurm that isn't there.
  case noSlurm(program: String)

  /// A program of Slurm that failed.
  case refused(program: String, reason: String)

  /// An answer of sbatch without a job's number.
  case noJobNumber(output: String, name: String)

  /// An array that was submitted, while the job that gathers its results was not.
  indirect case notGathered(job: String, error: ClusterError)

  /// A record of a submission that can't be read.
  case unreadableSubmission(path: String, reason: String)

  /// A cluster that takes no job arrays.
  case noArrays

  /// An experiment whose job is still under way.
  case underWay(experiment: String, job: String)

  /// The error and its fix, in one line.
  public var description: String {
    switch self {
    case .notATask(let variable, let value):
      "\(variable) is '\(value)', not the number of a task; unset it, or give --task"
    case .noSuchTask(let index, let count):
      "there is no task \(index): the experiment has \(count), counted from 0"
    case .noSlurm(let program):
      "\(program) can't be started; --engine slurm must be given where Slurm's commands are"
    case .refused(let program, let reason):
      "\(program) refused: \(reason)"
    case .noJobNumber(let output, let name):
      "sbatch printed no job number but '\(output)'; the job may be in the queue: see "
        + "squeue --name=\(shellQuoted(name)), and cancel it before submitting again"
    case .notGathered(let job, let error):
      "job \(job) is submitted, but not the job that gathers its results (\(error)); when it has "
        + "ended, the same command with --gather instead of --engine slurm does that"
    case .unreadableSubmission(let path, let reason):
      "\(path): can't be read as the record of a submission (\(reason)); see with squeue that its job has ended, then "
        + "remove the file"
    case .noArrays:
      "this cluster takes no job arrays (MaxArraySize is 0); submit one job with several --jobs instead"
    case .underWay(let experiment, let job):
      "\(experiment) is under way as job \(job); wait for it, or end it with: scancel \(job)"
    }
  }
}
