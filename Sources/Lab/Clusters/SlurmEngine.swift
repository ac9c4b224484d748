public import Foundation
import ZerOChecksums
public import ZerODatasets
import ZerOExecution
public import ZerOExperiments
public import ZerORecords
import ZerOTraining

/// Submits experiments to Slurm.
public struct SlurmEngine: Sendable {
  /// The program that tasks execute.
  public let program: String

  /// The folder that contains one folder of results per experiment, shared by all nodes.
  public let output: URL

  /// Additional options of every task.
  public let taskOptions: [String]

  /// The number of runs per task; `nil` for the smallest number that the array size allows.
  public let runsPerTask: Int?

  /// The options for Slurm.
  public let options: SlurmOptions

  private let slurm = SlurmCommands()

  /// Makes an engine; nothing is submitted yet.
  public init(
    program: String, output: URL, taskOptions: [String], runsPerTask: Int?, options: SlurmOptions
  ) {
    self.program = program
    self.output = output
    self.taskOptions = taskOptions
    self.runsPerTask = runsPerTask
    self.options = options
  }

  /// A summary of the submission.
  public struct Outcome: Sendable {
    /// The number of runs in the experiment.
    public let runs: Int

    /// The number of unfinished runs.
    public let unfinished: Int

    /// The number of tasks that execute them.
    public let tasks: Int

    /// The jobs.
    public let submission: SlurmSubmission
  }

  /// Submits the unfinished runs.
  ///
  /// Tasks read a copy of the experiment's file, named by a digest of its contents. Editing the
  /// file later can therefore not change the runs of a task.
  ///
  /// - Parameters:
  ///   - experiment: The experiment.
  ///   - folder: The folder of its results.
  ///   - data: The data sets, by their names in the plans.
  /// - Returns: `nil` if every run is finished.
  /// - Throws: `ClusterError`; `RecordError`, `PlanError`, `DatasetError` and `ExperimentError` like `ExperimentRunner`.
  public func submit(
    _ experiment: Experiment, in folder: ExperimentFolder, data: [String: Dataset]
  ) throws -> Outcome? {
    try Self.checkIdle(experiment, in: folder)
    let unfinished = try places(ofUnfinishedRunsOf: experiment, in: folder, data)
    guard !unfinished.isEmpty else { return nil }
    let runs = experiment.plans.count
    let largest = try slurm.largestArray()
    guard largest > 0 else { throw ClusterError.noArrays }
    let runsPerTask = runsPerTask ?? max(1, (runs + largest - 1) / largest)
    let tasks = Set(unfinished.map { $0 / runsPerTask }).sorted()
    let tasksOfRuns = Dictionary(
      experiment.plans.enumerated().map { ($1.recordIdentifier, $0 / runsPerTask) },
      uniquingKeysWith: { first, _ in first })

    let source = Array(experiment.source.utf8)
    let home = SlurmSubmission.folder(in: folder)
    try folder.refuseLinks(to: home)
    let copy = home.appendingPathComponent("experiment-\(sha256(source).prefix(12)).yaml")
    try RecordFiles.write(source, to: copy)
    let command = [program, "run", copy.path, "--out", output.path] + taskOptions
    let script = SlurmScript(
      experiment: experiment.name, tasks: tasks,
      command: command + ["--plain", "--runs-per-task", "\(runsPerTask)"], logFolder: home,
      options: options)
    return Outcome(
      runs: runs, unfinished: unfinished.count, tasks: tasks.count,
      submission: try SlurmSubmission(
        script, gathering: command + ["--gather"], tasksOfRuns: tasksOfRuns, in: folder, slurm))
  }

  /// Rejects an experiment whose array is queued or running.
  ///
  /// - Parameters:
  ///   - experiment: The experiment.
  ///   - folder: The folder of its results.
  /// - Throws: `ClusterError`, usually `.underWay`.
  public static func checkIdle(_ experiment: Experiment, in folder: ExperimentFolder)
    throws(ClusterError)
  {
    if let earlier = try SlurmSubmission.latest(in: folder),
      try earlier.isUnderWay(SlurmCommands())
    {
      throw .underWay(experiment: experiment.name, job: earlier.job)
    }
  }

  private func places(
    ofUnfinishedRunsOf experiment: Experiment, in folder: ExperimentFolder,
    _ data: [String: Dataset]
  ) throws -> [Int] {
    var datasets = SelectedDatasets(data)
    try experiment.checkFigures(on: &datasets)
    return try experiment.plans.enumerated().compactMap { index, plan -> Int? in
      let dataset = try datasets.dataset(of: plan)
      try plan.validate(for: dataset)
      let description = Provenance.Data(dataset)
      do {
        return try folder.run(plan).holding(of: plan, on: description) == .finished ? nil : index
      } catch let error as RecordError {
        guard error.concernsOneRun else { throw error }
        return index  // Its task reports the defect.
      }
    }
  }
}
