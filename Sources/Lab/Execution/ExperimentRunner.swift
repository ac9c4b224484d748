// Experiments, carried out on all cores: independent runs side by side, and cores without a run of their
// own help those that are left.

public import Datasets
public import Experiments
public import Foundation
public import Parallelism
public import Records
import Synchronization
public import Training

/// Carries out the runs of some experiments, each distinct run once.
public struct ExperimentRunner: Sendable {
  /// Holds a folder of results for each experiment.
  public let output: URL

  /// Threads, and so runs at a time: they decide how long it takes, never what comes out.
  public let pool: WorkerPool

  /// The program's commit, for provenance.
  public let commit: String

  /// How runs can be stopped and resumed.
  public let checkpointPolicy: CheckpointPolicy

  /// Whether every trained network is written as `model.safetensors`.
  public let savesModels: Bool

  /// Describes where and how; nothing happens yet.
  ///
  /// - Parameters:
  ///   - output: Made if missing.
  ///   - pool: Carries the runs out.
  ///   - commit: For provenance.
  ///   - checkpointPolicy: How runs can be stopped and resumed.
  ///   - savesModels: Whether every trained network is written.
  public init(
    output: URL, pool: WorkerPool, commit: String,
    checkpointPolicy: CheckpointPolicy = CheckpointPolicy(),
    savesModels: Bool = false
  ) {
    self.output = output
    self.pool = pool
    self.commit = commit
    self.checkpointPolicy = checkpointPolicy
    self.savesModels = savesModels
  }

  /// The folder of an experiment's results.
  public func folder(of experiment: Experiment) -> ExperimentFolder {
    ExperimentFolder(output.appendingPathComponent(experiment.name))
  }

  /// A run that was left as it is, so that the others could be made.
  public struct LeftOut: Sendable {
    /// Which run.
    public let plan: TrainingPlan

    /// What is wrong with its folder.
    public let error: RecordError
  }

  /// Carries out what isn't finished yet; an interrupted run is resumed from its checkpoint.
  ///
  /// A run that several experiments share is trained in the first one's folder and copied to the
  /// others. The longest runs begin first, so that no core waits at the end longer than it must. A finished run
  /// whose rows are not those that it wrote is moved aside and made again. A run that another process is at work
  /// on is tried once more when all others are done.
  ///
  /// - Parameters:
  ///   - experiments: In the order of their folders.
  ///   - data: The data sets, by the name that plans give them.
  ///   - selection: The runs to carry out, `nil` for all: then no other process may be at work on the experiments.
  ///   - report: Told of every event, from several threads.
  /// - Returns: The runs that could not be made because of what is in their folders; the others have been.
  /// - Throws: Before anything is trained, `PlanError` when a plan doesn't fit its data, and
  ///   `RecordError.otherPlan` when a folder holds another plan's run, or `.locked` when another
  ///   process is at work on an experiment; later, `RecordError` when a folder can't be written, and `Interrupted`.
  @discardableResult public func callAsFunction(
    _ experiments: [Experiment], data: [String: Dataset], selection: [TrainingPlan]? = nil,
    report: @escaping @Sendable (RunUpdate) -> Void
  ) async throws -> [LeftOut] {
    let parts = try join(experiments, isAlone: selection == nil)
    let remainder = Remainder()
    var tasks: [Task] = []
    let selection = selection.map(Set.init)
    for (plan, homes, link) in try homes(of: experiments)
    where selection?.contains(plan) != false {
      guard let dataset = data[plan.data] else { throw DatasetError.unknownName(plan.data) }
      try plan.validate(for: dataset)
      try plan.checkMemory(for: dataset)
      if savesModels { try plan.checkWholeNetwork(for: dataset) }
      do throws(RecordError) {
        if let link { throw link }
        if let task = try task(plan, on: dataset, in: homes, report) { tasks.append(task) }
      } catch {
        guard error.concernsOneRun else { throw error }
        remainder.leaveOut(plan, error, report)
      }
    }
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
              // The folder of a run is made, but not that of the experiment: it may have been moved away.
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

  /// A run to carry out, and the folders that it belongs to.
  private struct Task {
    let execution: RunExecution
    let homes: [RunFolder]
  }

  /// The runs that are not carried out, or not yet.
  private final class Remainder: Sendable {
    private let state = Mutex<(held: [Task], leftOut: [LeftOut])>(([], []))

    /// Runs that can't be made because of what is in their folders.
    var leftOut: [LeftOut] { state.withLock { $0.leftOut } }

    func leaveOut(_ plan: TrainingPlan, _ error: RecordError, _ report: (RunUpdate) -> Void) {
      state.withLock { $0.leftOut.append(LeftOut(plan: plan, error: error)) }
      report(RunUpdate(plan: plan, news: .leftOut(error)))
    }

    /// Keeps a run that another process is at work on for later.
    func hold(_ task: Task) { state.withLock { $0.held.append(task) } }

    func takeHeld() -> [Task] {
      state.withLock { state in
        defer { state.held = [] }
        return state.held
      }
    }
  }

  /// Takes part in experiments, always in the same order: of several processes that want the same ones alone, one
  /// gets them.
  private func join(_ experiments: [Experiment], isAlone: Bool) throws(RecordError) -> [FolderLock]
  {
    var parts: [FolderLock] = []
    for path in Set(experiments.map { folder(of: $0).url.path }).sorted() {
      parts.append(try ExperimentFolder(URL(fileURLWithPath: path)).join(isAlone: isAlone))
    }
    return parts
  }

  /// What is to do for a run; `nil` where it is finished, and then every home has it.
  private func task(
    _ plan: TrainingPlan, on data: Dataset, in homes: [RunFolder], _ report: (RunUpdate) -> Void
  ) throws(RecordError) -> Task? {
    // Every home is looked at before any is touched: one of them may hold another plan's run.
    var finished: [RunFolder] = []
    for home in homes where try home.holding(of: plan, on: Provenance.Data(data)) == .finished {
      finished.append(home)
    }
    guard let source = finished.first else {
      // Where it was interrupted, if it was.
      let home = homes.first { $0.hasCheckpoint } ?? homes[0]
      let execution = RunExecution(
        plan: plan, data: data, folder: home, commit: commit, checkpointPolicy: checkpointPolicy,
        savesModel: savesModels)
      return Task(execution: execution, homes: homes)
    }
    let others = homes.filter { home in !finished.contains { $0.url == home.url } }
    try Self.copy(source, of: plan, on: data, to: others, report)
    // A process that was killed between its last word and this.
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

  /// Takes the right to write into a run's folder, and moves a damaged run aside that is in it.
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

  /// Whether a finished run was trained without keeping the network that is wanted now.
  private func lacksModel(_ run: RunFolder) -> Bool {
    savesModels && !FileManager.default.fileExists(atPath: run.file("model.safetensors").path)
  }

  /// The distinct plans in order, each with its folder in every experiment that has it, and with an error where a
  /// symbolic link leads to one of these out of the results.
  ///
  /// - Throws: `RecordError.otherPlan` when two plans would share a folder.
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
      // It was looked at before the training; another process may have been here since.
      let (lock, isFinished) = try claim(home, of: plan, on: data, report)
      if !isFinished { try home.copy(from: source, holding: lock) }
    }
  }
}
