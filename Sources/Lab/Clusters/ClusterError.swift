import ZerOMessages

/// The reason why a cluster cannot be used, or a task cannot be executed.
public enum ClusterError: Error, Equatable, CustomStringConvertible {
  /// An environment variable that should contain a task index does not.
  case notATask(variable: String, value: String)

  /// The task index is too large.
  case noSuchTask(index: Int, count: Int)

  /// A program of Slurm is missing.
  case noSlurm(program: String)

  /// A program of Slurm failed.
  case refused(program: String, reason: String)

  /// The output of sbatch contains no job number.
  case noJobNumber(output: String, name: String)

  /// The array was submitted, but the job that gathers its results was not.
  indirect case notGathered(job: String, error: ClusterError)

  /// The record of a submission cannot be read.
  case unreadableSubmission(path: String, reason: String)

  /// The cluster does not support job arrays.
  case noArrays

  /// The job of an experiment is queued or running.
  case underWay(experiment: String, job: String)

  /// The defect and its fix, in one line.
  public var description: String {
    switch self {
    case .notATask(let variable, let value):
      "\(variable) is '\(value)', which is not a task index; unset it, or give --task"
    case .noSuchTask(let index, let count):
      "there is no task \(index): the experiment has \(count) tasks, counted from 0; give a smaller --task"
    case .noSlurm(let program):
      "\(program) cannot be started; use --engine slurm on a machine with Slurm's commands"
    case .refused(let program, let reason):
      "\(program) failed: \(reason)"
    case .noJobNumber(let output, let name):
      "sbatch printed no job number but '\(output)'; the job may be in the queue: see "
        + "squeue --name=\(shellQuoted(name)), and cancel it before submitting again"
    case .notGathered(let job, let error):
      "job \(job) is submitted, but not the job that gathers its results (\(error)); when it has "
        + "ended, repeat the command with --gather instead of --engine slurm"
    case .unreadableSubmission(let path, let reason):
      "\(path): not a valid record of a submission (\(reason)); check with squeue that its job has ended, then "
        + "remove the file"
    case .noArrays:
      "this cluster does not support job arrays (MaxArraySize is 0); submit one job with several --jobs instead"
    case .underWay(let experiment, let job):
      "\(experiment) is queued or running as job \(job); wait for it, or end it with: scancel \(job)"
    }
  }
}
