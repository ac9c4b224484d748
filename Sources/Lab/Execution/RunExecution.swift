import Foundation
import ZerOCheckpoints
public import ZerODatasets
public import ZerOInitializers
public import ZerOLinearAlgebra
public import ZerOMeasurements
public import ZerONetworks
import ZerOOptimizers
public import ZerOParallelism
public import ZerORecords
import ZerOSymmetry
public import ZerOTraining

/// Executes a plan and writes its records.
public struct RunExecution: Sendable {
  /// The plan.
  public let plan: TrainingPlan

  /// The data.
  public let data: Dataset

  /// The folder for the records.
  public let folder: RunFolder

  /// The commit of the program, for provenance.
  public let commit: String

  /// When the run writes checkpoints, and how it can be canceled.
  public let checkpointPolicy: CheckpointPolicy

  /// Whether the trained network is written as `model.safetensors`.
  public let savesModel: Bool

  /// The number of measured updates written to `trace.safetensors`, with loss, gradients and
  /// parameters.
  ///
  /// A run with a trace starts again instead of resuming, because a resumed run lacks the first
  /// updates.
  public let tracedUpdates: Int

  /// The catalog that contains the plan's initializer.
  public let initializers: InitializerCatalog

  /// The catalog that contains the plan's quantities.
  public let measurements: MeasurementCatalog

  /// The library that computes the products of training.
  public let products: ProductLibrary

  /// Makes an execution; nothing is executed yet.
  public init(
    plan: TrainingPlan, data: Dataset, folder: RunFolder, commit: String,
    checkpointPolicy: CheckpointPolicy = CheckpointPolicy(), savesModel: Bool = false,
    tracedUpdates: Int = 0, initializers: InitializerCatalog = .builtIn,
    measurements: MeasurementCatalog = .builtIn, products: ProductLibrary = .current
  ) {
    self.plan = plan
    self.data = data
    self.folder = folder
    self.commit = commit
    self.checkpointPolicy = checkpointPolicy
    self.savesModel = savesModel
    self.tracedUpdates = tracedUpdates
    self.initializers = initializers
    self.measurements = measurements
    self.products = products
  }

  /// Trains, from the start or from the checkpoint of an earlier session.
  ///
  /// The rows, the trained network and all figures are bit-identical in both cases. A run that
  /// diverges or fails in training throws no error: its records are kept, and its status records
  /// the reason.
  ///
  /// - Parameters:
  ///   - lock: The lock of the run's folder.
  ///   - team: The threads that share training and measuring; no record depends on them.
  ///   - report: Called with every event, on this thread.
  /// - Returns: The final status and the final network.
  /// - Throws: `Interrupted` on request; `PlanError` if the plan does not fit the data;
  ///   `MeasurementError` for an unknown quantity, `MemoryShortage`; `RecordError` if the records cannot be written.
  public func callAsFunction(
    holding lock: FolderLock, team: ThreadTeam = .alone, report: (RunUpdate) -> Void
  ) throws -> RunOutcome {
    let started = ContinuousClock().now
    if savesModel { try plan.checkWholeNetwork(for: data) }
    if tracedUpdates > 0, plan.symmetry == .reduced {
      throw PlanError.needsDenseTraining("a trace")
    }
    let start: InitialNetwork<Float> = try plan.start(
      for: data, initializers: initializers)
    let partition = partition(of: start, team)
    let quotient = NetworkQuotient(
      of: start, symmetry: plan.symmetry, classes: partition, team: team)
    let observation = try Observation(
      plan.quantities, of: plan.measuredWeights, in: measurements, from: quotient)
    var network = quotient.network
    var states: [String: [Matrix<Float>]] = [:]
    var session = try RunSession(
      self, &network, states: &states, since: started, report: report)
    var trace = UpdateTrace(limit: tracedUpdates)
    var measured: [String: Set<String>]?
    var status: RunStatus
    var reached = session.position
    let schedule = plan.schedule(sampleCount: data.train.count)
    var factor = StartFactor<Float>(plan.rule, schedule)
    do {
      let snapshots = SnapshotLog(self, observation, team: team)
      if session.position == .start {
        try recordCeiling(of: start, partition, into: session.log)
        try snapshots.take(of: network, at: .start, into: session.log, report: report)
      }
      try train(
        &network, by: plan, on: data, from: session.position, states: states, products: products,
        team: team
      ) {
        event, network, workspace in
        switch event {
        case .step(var step):
          trace.record(step, network, workspace)
          do {
            if !plan.quantities.isEmpty {
              let now = network()
              step.quantities = try observation.values(
                of: now,
                startFactor: factor.value(after: step.iteration + 1) ?? 1,
                batches: observation.batches(
                  workspace, network: now, previous: network.previous,
                  gradients: network.otherGradients),
                team: team)
            }
            let tensors = step.quantities.mapValues { Set($0.keys) }
            if let changed = measured?.first(where: { tensors[$0.key] != $0.value }) {
              throw MeasurementError.changedTensors(quantity: changed.key)
            }
            measured = tensors
          } catch FactorizationError.notFinite {
            // The loss was computed before this update, so it was finite; keep it.
            try session.log.append(.train(step))
            throw TrainingError.diverged(
              iteration: step.iteration, loss: .nan, learningRate: step.learningRate)
          }
          try session.log.append(.train(step))
          report(RunUpdate(plan: plan, news: .measured(step)))
        case .test(let test):
          try session.log.append(.test(test))
          report(RunUpdate(plan: plan, news: .tested(test)))
        case .reached(let position):
          reached = position
          // The end of an epoch is also the start of the next one; take only one snapshot.
          if position.step > 0 {
            try snapshots.take(of: network(), at: position, into: session.log, report: report)
          }
          try session.reach(position, network)
        }
      }
      status = RunStatus(.done)
    } catch let error as Interrupted {
      let status = RunStatus(.interrupted, seconds: session.seconds)
      try session.end(status)
      report(RunUpdate(plan: plan, news: .ended(status)))
      throw error
    } catch let error as RecordError {
      // A full disk may still have room for a short status.
      try? folder.write(RunStatus(.failed, message: error.description))
      throw error
    } catch let error as TrainingError {
      status = RunStatus(.diverged, message: error.description)
    } catch {
      status = RunStatus(.failed, message: "\(error)")
    }

    status.seconds = session.seconds
    let outcome = RunOutcome(
      status, network, of: plan.symmetry == .dense ? nil : quotient,
      startFactor: factor.value(
        after: plan.updates(at: reached, sampleCount: data.train.count)) ?? 1)
    do {
      for (name, tensors) in [
        ("model.safetensors", savesModel ? outcome.network.namedTensors : []),
        ("trace.safetensors", trace.tensors),
      ] where !tensors.isEmpty {
        try RecordFiles.replace(folder.file(name), with: try Safetensors.encode(tensors))
      }
    } catch {
      try folder.write(RunStatus(.failed, message: "\(error)", seconds: status.seconds))
      throw error
    }
    try session.end(status)
    report(RunUpdate(plan: plan, news: .ended(status)))
    return outcome
  }

  /// The classes that training on this data keeps identical; `nil` if nothing is measured.
  private func partition(of network: InitialNetwork<Float>, _ team: ThreadTeam)
    -> EquitablePartition?
  {
    guard !plan.quantities.isEmpty, network.graph.supportsPartition else { return nil }
    return EquitablePartition(of: network, nonzeroInputs: plan.liveInputs(of: data), team: team)
  }

  /// Writes the ceilings of the measured ranks, if any are measured.
  private func recordCeiling(
    of network: InitialNetwork<Float>, _ partition: EquitablePartition?, into log: RunLog
  ) throws(RecordError) {
    guard let partition else { return }
    // Weight decay inside Adam's gradient leaves no bound.
    guard plan.hasStartFactor else { return }
    let tensors = plan.measuredWeights.compactMap { name in
      network.graph.index(ofParameter: name).map { (name: name, weight: $0) }
    }
    try log.append(
      .ceiling(
        CeilingRow(
          tensors: Dictionary(
            uniqueKeysWithValues: tensors.map {
              ($0.name, partition.rankCeiling(ofWeight: $0.weight))
            }
          ),
          // With weight decay, I shrinks, and W − I may have full rank.
          fromIdentity: plan.weightDecay > 0
            ? [] : tensors.filter { network.parameters[$0.weight].isIdentity }.map(\.name))))
  }
}

/// The final status of a run, and its network.
public struct RunOutcome: Sendable {
  /// The final status.
  public let status: RunStatus

  private let quotient: NetworkQuotient<Float>?
  private let trained: Network<Float>

  /// The factor by which weight decay has multiplied the initial weights.
  private let startFactor: Double

  init(
    _ status: RunStatus, _ trained: Network<Float>, of quotient: NetworkQuotient<Float>?,
    startFactor: Double
  ) {
    self.status = status
    self.startFactor = startFactor
    self.trained = trained
    self.quotient = quotient
  }

  /// The layers that were trained with fewer units: their names, and the numbers of trained
  /// and of all units.
  ///
  /// The list is empty for a dense run, and for a network without identical and dead units.
  public var reducedLayers: [(layer: String, trained: Int, whole: Int)] {
    guard let quotient else { return [] }
    return trained.graph.nodes.compactMap { node in
      guard let weight = node.parameters.first, trained.graph.parameters[weight].role == .weight
      else { return nil }
      let (mine, whole) = (trained.parameters[weight].rows, quotient.parameters[weight].rows)
      return mine < whole ? (node.name, mine, whole) : nil
    }
  }

  /// The whole trained network.
  ///
  /// For a run with symmetry reduction it may need far more memory than the run.
  public var network: Network<Float> {
    quotient?.expanded(trained, startFactor: startFactor) ?? trained
  }
}

extension Provenance.Data {
  /// Describes a data set.
  public init(_ data: Dataset) {
    self.init(
      name: data.name,
      sha256: Dictionary(data.files.map { ($0.name, $0.sha256) }, uniquingKeysWith: { $1 }),
      inputDimension: data.inputDimension, image: [data.train.channels] + data.train.size,
      classCount: data.classCount,
      counts: [data.train.count, data.test.count])
  }
}
