// One run, from its plan to its records.

import Checkpoints
public import Datasets
import Foundation
import LinearAlgebra
import Measurements
import Networks
public import Parallelism
public import Records
import Symmetry
public import Training

/// Carries out a plan and writes down what happens.
public struct RunExecution: Sendable {
  /// What is trained.
  public let plan: TrainingPlan

  /// What it is trained on.
  public let data: Dataset

  /// Where the records go.
  public let folder: RunFolder

  /// The program's commit, for provenance.
  public let commit: String

  /// How a run can be stopped and taken up again.
  public let checkpointPolicy: CheckpointPolicy

  /// Whether the trained network is written as `model.safetensors`.
  public let savesModel: Bool

  /// How many measured updates are written, loss, gradients and parameters, as `trace.safetensors`; a
  /// run with any is not taken up again, since its first updates are gone.
  public let tracedUpdates: Int

  /// Describes a run; nothing happens yet.
  public init(
    plan: TrainingPlan, data: Dataset, folder: RunFolder, commit: String,
    checkpointPolicy: CheckpointPolicy = CheckpointPolicy(), savesModel: Bool = false,
    tracedUpdates: Int = 0
  ) {
    self.plan = plan
    self.data = data
    self.folder = folder
    self.commit = commit
    self.checkpointPolicy = checkpointPolicy
    self.savesModel = savesModel
    self.tracedUpdates = tracedUpdates
  }

  /// Trains, from the beginning or from where an earlier session left the run.
  ///
  /// Every row, the trained network and so every figure have the same bits either way. A run that
  /// diverges, or fails in training, is no error here: its records are kept and its status says what
  /// happened.
  ///
  /// - Parameters:
  ///   - lock: Of the run's folder.
  ///   - team: Shares the work of training and measuring; it makes no difference to any record.
  ///   - report: Told of every event, on this thread.
  /// - Returns: How the run ended, and the network it ended with.
  /// - Throws: `Interrupted` on request; `PlanError` when the plan doesn't fit the data; `RecordError`
  ///   when the records can't be written.
  public func callAsFunction(
    holding lock: FolderLock, team: ThreadTeam = .alone, report: (RunUpdate) -> Void
  ) throws -> RunOutcome {
    let started = ContinuousClock().now
    if savesModel { try plan.checkWholeNetwork(for: data) }
    if tracedUpdates > 0, plan.ties == .exact { throw PlanError.notWithExactTies("a trace") }
    let start: InitialNetwork<Float> = try plan.start(for: data)
    let partition = partition(of: start, team)
    let quotient = NetworkQuotient(of: start, ties: plan.ties, copies: partition, team: team)
    let observation = try Observation(plan.quantities, from: quotient)
    var network = quotient.network
    var session = try RunSession(self, &network, since: started, report: report)
    var trace = UpdateTrace(limit: tracedUpdates)
    var status: RunStatus
    do {
      let snapshots = SnapshotLog(self, observation, team: team)
      if session.position == .start {
        try recordCeiling(of: start, partition, into: session.log)
        try snapshots.take(of: network, at: .start, into: session.log, report: report)
      }
      try train(&network, by: plan, on: data, from: session.position, team: team) {
        event, network, workspace in
        switch event {
        case .step(let step):
          trace.record(step, network, workspace)
          let quantities: [String: [String: Double]]
          do {
            quantities = try observation.values(of: network, team: team)
          } catch FactorizationError.notFinite {
            // The loss was taken before this update, so it was finite; keep it.
            try session.log.append(.train(TrainRow(step, quantities: [:])))
            throw TrainingError.diverged(
              iteration: step.iteration, loss: .nan, learningRate: step.learningRate)
          }
          try session.log.append(.train(TrainRow(step, quantities: quantities)))
          report(RunUpdate(plan: plan, news: .measured(step, quantities: quantities)))
        case .test(let test):
          try session.log.append(.test(TestRow(test)))
          report(RunUpdate(plan: plan, news: .tested(test)))
        case .reached(let position):
          // An epoch's end is also the begin of the next one: not twice.
          if position.step > 0 {
            try snapshots.take(of: network, at: position, into: session.log, report: report)
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
      // The disk may have room for a last word where it had none for a row.
      try? folder.write(RunStatus(.failed, message: error.description))
      throw error
    } catch let error as TrainingError {
      status = RunStatus(.diverged, message: error.description)
    } catch {
      status = RunStatus(.failed, message: "\(error)")
    }

    status.seconds = session.seconds
    let outcome = RunOutcome(status, network, of: plan.ties == .dense ? nil : quotient)
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

  /// The classes that training on this data can't part; `nil` where nothing is measured.
  private func partition(of network: InitialNetwork<Float>, _ team: ThreadTeam)
    -> EquitablePartition?
  {
    guard !plan.quantities.isEmpty else { return nil }
    return EquitablePartition(of: network, liveInputs: data.train.nonzeroInputs, team: team)
  }

  /// Writes how far the measured ranks can get, if any are measured.
  private func recordCeiling(
    of network: InitialNetwork<Float>, _ partition: EquitablePartition?, into log: RunLog
  ) throws(RecordError) {
    guard let partition else { return }
    let tensors = plan.measuredWeights.enumerated().map {
      (name: $1, layer: Architecture.firstMeasuredLayer + $0)
    }
    try log.append(
      .ceiling(
        CeilingRow(
          tensors: Dictionary(
            uniqueKeysWithValues: tensors.map {
              ($0.name, partition.rankCeiling(ofLayer: $0.layer))
            }
          ),
          fromIdentity: tensors.filter { network.layers[$0.layer].isIdentity }.map(\.name))))
  }
}
