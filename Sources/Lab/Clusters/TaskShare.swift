// One task of many: which runs of an experiment are its own.

public import Training

/// A task's share of some runs: a few that follow each other in the experiment's order.
///
/// Which runs a task has depends on the experiment and on these two numbers alone, so any machine can
/// be given any task, twice if need be.
public struct TaskShare: Equatable, Sendable {
  /// The task, counted from 0.
  public let index: Int

  /// The runs of each task; the last may have fewer.
  public let runsPerTask: Int

  /// Makes a share.
  ///
  /// - Parameters:
  ///   - index: The task, 0 or more.
  ///   - runsPerTask: At least 1.
  public init(index: Int, runsPerTask: Int = 1) {
    precondition(index >= 0 && runsPerTask > 0, "task \(index) of \(runsPerTask) runs each")
    self.index = index
    self.runsPerTask = runsPerTask
  }

  /// The task that a cluster has given to this process.
  ///
  /// - Parameter environment: Of the process; `SLURM_ARRAY_TASK_ID` is Slurm's,
  ///   `JOB_COMPLETION_INDEX` that of an indexed job of Kubernetes.
  /// - Returns: The variable and the task, `nil` when neither is there.
  /// - Throws: `ClusterError.notATask` when one is, but no number.
  public static func index(from environment: [String: String]) throws(ClusterError)
    -> (variable: String, index: Int)?
  {
    for variable in ["SLURM_ARRAY_TASK_ID", "JOB_COMPLETION_INDEX"] {
      guard let text = environment[variable] else { continue }
      guard let index = Int(text), index >= 0 else {
        throw .notATask(variable: variable, value: text)
      }
      return (variable, index)
    }
    return nil
  }

  /// The number of tasks that some runs make.
  ///
  /// - Parameters:
  ///   - runs: The number of runs.
  ///   - runsPerTask: At least 1.
  /// - Returns: ⌈runs / runsPerTask⌉.
  public static func taskCount(runs: Int, runsPerTask: Int) -> Int {
    (runs + runsPerTask - 1) / runsPerTask
  }

  /// The task's own runs.
  ///
  /// - Parameter plans: All runs, in the experiment's order.
  /// - Returns: At least one.
  /// - Throws: `ClusterError.noSuchTask`.
  public func plans(of plans: [TrainingPlan]) throws(ClusterError) -> [TrainingPlan] {
    let count = Self.taskCount(runs: plans.count, runsPerTask: runsPerTask)
    guard index < count else { throw .noSuchTask(index: index, count: count) }
    return Array(plans.dropFirst(index * runsPerTask).prefix(runsPerTask))
  }
}
