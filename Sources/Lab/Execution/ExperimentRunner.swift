// Execution of experiments on all cores. Independent runs are parallel; cores without a run help
// the remaining runs.

public import Foundation
import Synchronization
public import ZerODatasets
public import ZerOExperiments
public import ZerOInitializers
public import ZerOMeasurements
import ZerONetworks
public import ZerOParallelism
public import ZerORecords
public import ZerOTraining

/// Executes the runs of several experiments, each distinct run once.
public struct ExperimentRunner: Sendable {
  /// The folder that contains one folder of results per experiment.
  public let output: URL

  /// The threads, and thus the number of parallel runs; results do not depend on it.
  public let pool: WorkerPool

  /// The commit of the program, for provenance.
  public let commit: String

  /// When runs write checkpoints, and how they can be canceled.
  public let checkpointPolicy: CheckpointPolicy

  /// Whether every trained network is written as `model.safetensors`.
  public let savesModels: Bool

  /// The catalog that contains the initializers of the plans.
  public let initializers: InitializerCatalog

  /// The catalog that contains the quantities of the plans.
  public let measurements: MeasurementCatalog

  /// Makes a runner; nothing is executed yet.
  ///
  /// - Parameters:
  ///   - output: The folder for results, created if it is missing.
  ///   - pool: The threads that execute the runs.
  ///   - commit: The commit of the program, for provenance.
  ///   - checkpointPolicy: When runs write checkpoints, and how they can be canceled.
  ///   - savesModels: Whether every trained network is written.
  ///   - initializers: The catalog that contains the initializers of the plans.
  ///   - measurements: The catalog that contains the quantities of the plans.
  public init(
    output: URL, pool: WorkerPool, commit: String,
    checkpointPolicy: CheckpointPolicy = CheckpointPolicy(),
    savesModels: Bool = false, initializers: InitializerCatalog = .builtIn,
    measurements: MeasurementCatalog = .builtIn
  ) {
    self.output = output
    self.pool = pool
    self.commit = commit
    self.checkpointPolicy = checkpointPolicy
    self.savesModels = savesModels
    self.initializers = initializers
    self.measurements = measurements
  }

  /// The folder of an experiment's results.
  public func folder(of experiment: Experiment) -> ExperimentFolder {
    ExperimentFolder(output.appendingPathComponent(experiment.name))
  }

  /// A run that was skipped because of a defect in its folder.
  public struct LeftOut: Sendable {
    /// The plan of the run.
    public let plan: TrainingPlan

    /// The defect in its folder.
    public let error: RecordError
  }

  /// Executes all unfinished runs; an interrupted run resumes from its checkpoint.
  ///
  /// A run that several experiments share is trained in the first one's folder and copied to the
  /// others. The longest runs start first, to minimize idle cores at the end. A finished run whose
  /// rows do not match its status is moved aside and repeated. A run that another process is
  /// executing is tried again after all other runs.
  ///
  /// - Parameters:
  ///   - experiments: The experiments, in the order of their folders.
  ///   - data: The data sets, by their names in the plans.
  ///   - selection: The runs to execute; `nil` for all, which requires that no other process works
  ///     on the experiments.
  ///   - report: Called with every event, from several threads.
  /// - Returns: The runs that were skipped because of defects in their folders.
  /// - Throws: Before any training, `PlanError` if a plan does not fit its data, `DatasetError` if its data is missing,
  ///   `ExperimentError.unmeasuredUpdate` for a figure without values, `MeasurementError` for an unknown quantity,
  ///   `MemoryShortage`, `RecordError.otherPlan` if a folder contains another plan's run, and `RecordError.locked` if
  ///   another process works on an experiment. Later, `RecordError` if a folder cannot be written,
  ///   and `Interrupted`.
  @discardableResult public func callAsFunction(
    _ experiments: [Experiment], data: [String: Dataset], selection: [TrainingPlan]? = nil,
    report: @escaping @Sendable (RunUpdate) -> Void
  ) async throws -> [LeftOut] {
    let parts = try join(experiments, isAlone: selection == nil)
    let remainder = Remainder()
    var tasks: [Task] = []
    var datasets = SelectedDatasets(data)
    let selection = selection.map(Set.init)
    for (plan, homes, link) in try homes(of: experiments)
    where selection?.contains(plan) != false {
      let dataset = try datasets.dataset(of: plan)
      try plan.validate(for: dataset, initializers: initializers)
      try measurements.check(plan.quantities)
      try plan.checkMemory(for: dataset, initializers: initializers)
      if !InitializerCatalog.builtIn.contains(plan.initializerNames) {
        // Only a built-in initializer is known to make every weight that it doesn't refuse.
        let _: InitialNetwork<Float> = try plan.start(for: dataset, initializers: initializers)
      }
      if savesModels { try plan.checkWholeNetwork(for: dataset) }
      do throws(RecordError) {
        if let link { throw link }
        if let task = try task(plan, on: dataset, in: homes, report) { tasks.append(task) }
      } catch {
        guard error.concernsOneRun else { throw error }
        remainder.leaveOut(plan, error, report)
      }
    }
    for experiment in experiments { try experiment.checkFigures(on: &datasets) }
    for experiment in experiments {
      let file = folder(of: experiment).file("experiment.yaml")
      let source = Data(experiment.source.utf8)
      if (try? Data(contentsOf: file)) != source { try RecordFiles.replace(file, with: source) }
    }
    tasks.sort { $0.execution.plan.cost > $1.execution.plan.cost }

    for isLastTry in [false, true] where !tasks.isEmpty {
      try await pool.run(
        tasks.map { task in
          { team in
            do {
              // The folder of a run is created, but not the folder of its experiment, which may
              // have been moved away.
              for part in parts { try part.checkPresence() }
              try carryOut(task, team, report)
            } catch RecordError.locked where !isLastTry {
              remainder.hold(task)
            } catch let error as RecordError where error.concernsOneRun {
              remainder.leaveOut(task.execution.plan, error, report)
            }
          }
        })
      tasks = remainder.takeHeld()
    }
    for part in parts { try part.checkPresence() }
    return remainder.leftOut
  }

  /// A run to execute, and its folders in all experiments.
  private struct Task {
    let execution: RunExecution
    let homes: [RunFolder]
  }

  /// Runs that were skipped or postponed.
  private final class Remainder: Sendable {
    private let state = Mutex<(held: [Task], leftOut: [LeftOut])>(([], []))

    /// Runs that were skipped because of defects in their folders.
    var leftOut: [LeftOut] { state.withLock { $0.leftOut } }

    func leaveOut(_ plan: TrainingPlan, _ error: RecordError, _ report: (RunUpdate) -> Void) {
      state.withLock { $0.leftOut.append(LeftOut(plan: plan, error: error)) }
      report(RunUpdate(plan: plan, news: .leftOut(error)))
    }

    /// Postpones a run that another process is executing.
    func hold(_ task: Task) { state.withLock { $0.held.append(task) } }

    func takeHeld() -> [Task] {
      state.withLock { state in
        defer { state.held = [] }
        return state.held
      }
    }
  }

  /// Joins experiments, always in the same order, so that one of several competing processes
  /// succeeds.
  private func join(_ experiments: [Experiment], isAlone: Bool) throws(RecordError) -> [FolderLock]
  {
    var parts: [FolderLock] = []
    for path in Set(experiments.map { folder(of: $0).url.path }).sorted() {
      parts.append(try ExperimentFolder(URL(fileURLWithPath: path)).join(isAlone: isAlone))
    }
    return parts
  }

  /// The work that a run needs; `nil` if the run is finished and in every folder.
  private func task(
    _ plan: TrainingPlan, on data: Dataset, in homes: [RunFolder], _ report: (RunUpdate) -> Void
  ) throws(RecordError) -> Task? {
    // All folders are checked before any is changed: one of them may contain another plan's run.
    var finished: [RunFolder] = []
    for home in homes where try home.holding(of: plan, on: Provenance.Data(data)) == .finished {
      finished.append(home)
    }
    guard let source = finished.first else {
      // Prefer the folder with a checkpoint.
      let home = homes.first { $0.hasCheckpoint } ?? homes[0]
      let execution = RunExecution(
        plan: plan, data: data, folder: home, commit: commit, checkpointPolicy: checkpointPolicy,
        savesModel: savesModels, initializers: initializers, measurements: measurements)
      return Task(execution: execution, homes: homes)
    }
    let others = homes.filter { home in !finished.contains { $0.url == home.url } }
    try Self.copy(source, of: plan, on: data, to: others, report)
    // A process may have been killed after it wrote the status.
    for home in finished { try home.removeCheckpoints() }
    report(RunUpdate(plan: plan, news: .kept(lacksModel: lacksModel(source))))
    return nil
  }

  private func carryOut(_ task: Task, _ team: ThreadTeam, _ report: (RunUpdate) -> Void) throws {
    let (execution, plan, data) = (task.execution, task.execution.plan, task.execution.data)
    let (lock, isFinished) = try Self.claim(execution.folder, of: plan, on: data, report)
    if isFinished {
      let news = RunUpdate.News.kept(lacksModel: lacksModel(execution.folder))
      report(RunUpdate(plan: plan, news: news))
    } else {
      _ = try execution(holding: lock, team: team, report: report)
    }
    try Self.copy(execution.folder, of: plan, on: data, to: task.homes, report)
  }

  /// Locks the folder of a run, and moves a damaged run in it aside.
  private static func claim(
    _ home: RunFolder, of plan: TrainingPlan, on data: Dataset, _ report: (RunUpdate) -> Void
  ) throws(RecordError) -> (lock: FolderLock, isFinished: Bool) {
    let lock = try home.lock()
    switch try home.holding(of: plan, on: Provenance.Data(data)) {
    case .nothingFinished: return (lock, false)
    case .finished: return (lock, true)
    case .damaged(let error):
      if let place = try RecordFiles.moveAside(home.url) {
        report(RunUpdate(plan: plan, news: .movedAside(place, because: error)))
      }
      return (try home.lock(), false)
    }
  }

  /// Whether a finished run lacks the requested model.
  private func lacksModel(_ run: RunFolder) -> Bool {
    savesModels && !FileManager.default.fileExists(atPath: run.file("model.safetensors").path)
  }

  /// The distinct plans in order, each with its folders in all experiments.
  ///
  /// A plan has an error if a symbolic link in one of its folders leads out of the results.
  ///
  /// - Throws: `RecordError.otherPlan` if two plans would share a folder.
  private func homes(of experiments: [Experiment]) throws(RecordError)
    -> [(TrainingPlan, [RunFolder], link: RecordError?)]
  {
    var order: [TrainingPlan] = []
    var homes: [TrainingPlan: [RunFolder]] = [:]
    var owners: [URL: TrainingPlan] = [:]
    var links: [TrainingPlan: RecordError] = [:]
    for experiment in experiments {
      for plan in experiment.plans {
        let results = folder(of: experiment)
        let home = results.run(plan)
        do { try results.refuseLinks(to: home.url) } catch { links[plan] = error }
        if let owner = owners.updateValue(plan, forKey: home.url) {
          guard let key = plan.firstDifference(from: owner) else { continue }
          throw .otherPlan(path: home.url.path, key: key)
        }
        if homes[plan] == nil { order.append(plan) }
        homes[plan, default: []].append(home)
      }
    }
    return order.map { ($0, homes[$0] ?? [], links[$0]) }
  }

  private static func copy(
    _ source: RunFolder, of plan: TrainingPlan, on data: Dataset, to homes: [RunFolder],
    _ report: (RunUpdate) -> Void
  ) throws(RecordError) {
    for home in homes where home.url != source.url {
      // Check again: another process may have changed the folder during training.
      let (lock, isFinished) = try claim(home, of: plan, on: data, report)
      if !isFinished { try home.copy(from: source, holding: lock) }
    }
  }
}
