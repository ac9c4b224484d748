import ZerORequirements
public import ZerOTraining

/// A group of consecutive runs of an experiment, executed by one task.
///
/// The runs depend only on the experiment and these two numbers. Any machine can execute any task,
/// and repeating a task is safe.
public struct TaskShare: Equatable, Sendable {
  /// The task index, counted from 0.
  public let index: Int

  /// The number of runs per task; the last task may have fewer.
  public let runsPerTask: Int

  /// Makes a group of runs.
  ///
  /// - Parameters:
  ///   - index: The task index, at least 0.
  ///   - runsPerTask: The number of runs per task, at least 1.
  public init(index: Int, runsPerTask: Int = 1) {
    require(index >= 0 && runsPerTask > 0, "task \(index) of \(runsPerTask) runs each")
    self.index = index
    self.runsPerTask = runsPerTask
  }

  /// Reads the task index that a cluster has assigned to this process.
  ///
  /// - Parameter environment: The environment of the process: `SLURM_ARRAY_TASK_ID` in Slurm,
  ///   `JOB_COMPLETION_INDEX` in an indexed job of Kubernetes.
  /// - Returns: The variable and the task index; `nil` if neither variable is set.
  /// - Throws: `ClusterError.notATask` if a variable does not contain an index.
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

  /// Computes the number of tasks.
  ///
  /// - Parameters:
  ///   - runs: The number of runs.
  ///   - runsPerTask: The number of runs per task, at least 1.
  /// - Returns: ⌈runs / runsPerTask⌉.
  public static func taskCount(runs: Int, runsPerTask: Int) -> Int {
    (runs + runsPerTask - 1) / runsPerTask
  }

  /// Selects the runs of the task.
  ///
  /// - Parameter plans: All runs, in the order of the experiment.
  /// - Returns: At least one run.
  /// - Throws: `ClusterError.noSuchTask`.
  public func plans(of plans: [TrainingPlan]) throws(ClusterError) -> [TrainingPlan] {
    let count = Self.taskCount(runs: plans.count, runsPerTask: runsPerTask)
    guard index < count else { throw .noSuchTask(index: index, count: count) }
    return Array(plans.dropFirst(index * runsPerTask).prefix(runsPerTask))
  }
}
