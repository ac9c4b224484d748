// Experiments, carried out on all cores: independent runs side by side, and cores without a run of their
// own help those that are left.

public import Datasets
public import Experiments
public import Foundation
public import Parallelism
public import Records
public import Training

/// Carries out the runs of some experiments, each distinct run once.
public struct ExperimentRunner: Sendable {
  /// Holds a folder of results for each experiment.
  public let output: URL

  /// Threads, and so runs at a time: they decide how long it takes, never what comes out.
  public let pool: WorkerPool

  /// The program's commit, for provenance.
  public let commit: String

  /// How runs can be stopped and taken up again.
  public let survival: Survival

  /// Whether every trained network is written as `model.safetensors`.
  public let savesModels: Bool

  /// Describes where and how; nothing happens yet.
  ///
  /// - Parameters:
  ///   - output: Made if missing.
  ///   - pool: Carries the runs out.
  ///   - commit: For provenance.
  ///   - survival: How runs can be stopped and taken up again.
  ///   - savesModels: Whether every trained network is written.
  public init(
    output: URL, pool: WorkerPool, commit: String, survival: Survival = Survival(),
    savesModels: Bool = false
  ) {
    self.output = output
    self.pool = pool
    self.commit = commit
    self.survival = survival
    self.savesModels = savesModels
  }

  /// The folder of an experiment's results.
  public func folder(of experiment: Experiment) -> ExperimentFolder {
    ExperimentFolder(output.appendingPathComponent(experiment.name))
  }

  /// Carries out what isn't finished yet; a run that was broken off goes on from its checkpoint.
  ///
  /// A run that several experiments share is trained in the first one's folder and copied to the
  /// others. The longest runs begin first, so that no core waits at the end longer than it must.
  ///
  /// - Parameters:
  ///   - experiments: In the order of their folders.
  ///   - data: The data sets, by the name that plans give them.
  ///   - selection: The runs to carry out, `nil` for all.
  ///   - report: Told of every event, from several threads.
  /// - Throws: Before anything is trained, `PlanError` when a plan doesn't fit its data, and
  ///   `RecordError.otherPlan` when a folder holds another plan's run, or `.locked` when another
  ///   process is at one; later, `RecordError` when a folder can't be written, and `Interrupted`.
  public func callAsFunction(
    _ experiments: [Experiment], data: [String: Dataset], selection: [TrainingPlan]? = nil,
    report: @escaping @Sendable (RunUpdate) -> Void
  ) async throws {
    var parts: [FolderLock] = []
    for experiment in experiments { parts.append(try folder(of: experiment).join()) }
    defer { withExtendedLifetime(parts) {} }
    var tasks: [(execution: RunExecution, copies: [RunFolder])] = []
    let selection = selection.map(Set.init)
    for (plan, homes) in try homes(of: experiments) where selection?.contains(plan) != false {
      guard let dataset = data[plan.data] else { throw DatasetError.unknownName(plan.data) }
      try plan.validate(for: dataset)
      if savesModels { try plan.checkWholeNetwork(for: dataset) }
      // Every home is looked at before any is touched: one of them may hold another plan's run.
      let finished = try homes.filter {
        try $0.holdsFinishedRun(of: plan, on: Provenance.Data(dataset))
      }
      if let source = finished.first {
        let others = homes.filter { home in !finished.contains { $0.url == home.url } }
        try Self.copy(source, of: plan, on: dataset, to: others)
        // A process that was killed between its last word and this.
        for home in finished { try home.removeCheckpoints() }
        report(RunUpdate(plan: plan, news: .kept(lacksModel: lacksModel(source))))
        continue
      }
      // Refused now rather than after other runs.
      for home in homes where home.holdsRun { _ = try home.lock() }
      // Where it was broken off, if it was.
      let home = homes.first { $0.hasCheckpoint } ?? homes[0]
      let execution = RunExecution(
        plan: plan, data: dataset, folder: home, commit: commit, survival: survival,
        savesModel: savesModels)
      tasks.append((execution, homes))
    }
    for experiment in experiments {
      let file = folder(of: experiment).file("experiment.yaml")
      let source = Data(experiment.source.utf8)
      if (try? Data(contentsOf: file)) != source { try RecordFiles.write(source, to: file) }
    }
    tasks.sort { $0.execution.plan.cost > $1.execution.plan.cost }

    try await pool.run(
      tasks.map { execution, homes in
        { crew in
          let lock = try execution.folder.lock()
          if try execution.folder.holdsFinishedRun(
            of: execution.plan, on: Provenance.Data(execution.data))
          {
            report(
              RunUpdate(
                plan: execution.plan, news: .kept(lacksModel: lacksModel(execution.folder))))
          } else {
            _ = try execution(holding: lock, crew: crew, report: report)
          }
          try Self.copy(
            execution.folder, of: execution.plan, on: execution.data, to: homes)
        }
      })
  }

  /// Whether a finished run was trained without keeping the network that is wanted now.
  private func lacksModel(_ run: RunFolder) -> Bool {
    savesModels && !FileManager.default.fileExists(atPath: run.file("model.safetensors").path)
  }

  /// The distinct plans in order, each with its folder in every experiment that has it.
  ///
  /// - Throws: `RecordError.otherPlan` when two plans would share a folder.
  private func homes(of experiments: [Experiment]) throws(RecordError)
    -> [(TrainingPlan, [RunFolder])]
  {
    var order: [TrainingPlan] = []
    var homes: [TrainingPlan: [RunFolder]] = [:]
    var owners: [URL: TrainingPlan] = [:]
    for experiment in experiments {
      for plan in experiment.plans {
        let home = folder(of: experiment).run(plan)
        if let owner = owners.updateValue(plan, forKey: home.url) {
          guard let key = plan.firstDifference(from: owner) else { continue }
          throw .otherPlan(path: home.url.path, key: key)
        }
        if homes[plan] == nil { order.append(plan) }
        homes[plan, default: []].append(home)
      }
    }
    return order.map { ($0, homes[$0] ?? []) }
  }

  private static func copy(
    _ source: RunFolder, of plan: TrainingPlan, on data: Dataset, to homes: [RunFolder]
  ) throws(RecordError) {
    for home in homes where home.url != source.url {
      let lock = try home.lock()
      // It was looked at before the training; another process may have been here since.
      if try home.holdsFinishedRun(of: plan, on: Provenance.Data(data)) { continue }
      try home.copy(from: source, holding: lock)
    }
  }
}
