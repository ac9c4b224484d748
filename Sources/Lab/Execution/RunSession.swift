import Foundation
import ZerOCheckpoints
import ZerOChecksums
import ZerODatasets
import ZerOEventFiles
import ZerOInitializers
import ZerOLinearAlgebra
import ZerONetworks
import ZerOOptimizers
import ZerORecords
import ZerOTraining

/// The part of a run that one process executes.
struct RunSession {
  /// The position at which training starts.
  let position: TrainingPosition

  /// The files for rows.
  let log: RunLog

  /// A digest of the initial weights of an initializer that is not the package's own.
  private let startChecksum: String?

  private let execution: RunExecution
  private let run: String
  private var provenance: Provenance
  private let earlierSeconds: Double
  private let clock = ContinuousClock()  // independent of the system's date
  private let started: ContinuousClock.Instant
  private var saved: ContinuousClock.Instant

  /// Starts a run, or resumes it from an earlier session.
  ///
  /// - Parameters:
  ///   - execution: The run.
  ///   - network: The initial network; replaced by the checkpoint's network when the run resumes.
  ///   - states: Replaced by the states of the optimizer when the run resumes.
  ///   - started: The time at which the work began, which includes making the network.
  ///   - report: Called with the kind of start.
  /// - Throws: `RecordError`.
  init(
    _ execution: RunExecution, _ network: inout Network<Float>,
    states: inout [String: [Matrix<Float>]], since started: ContinuousClock.Instant,
    report: (RunUpdate) -> Void
  ) throws {
    let (plan, folder, data) = (execution.plan, execution.folder, execution.data)
    self.execution = execution
    self.started = started
    saved = clock.now
    let description = Provenance.Data(data)
    run = plan.digest(on: description)
    // An initializer outside the package may have changed under its name; then the run starts again.
    let isBuiltIn = InitializerCatalog.builtIn.contains(plan.initializerNames)
    startChecksum = isBuiltIn ? nil : sha256(try Safetensors.encode(network.namedTensors))
    let earlier = try folder.earlierProvenance(of: plan, on: description)
    var state: Checkpoint.State?
    var defect = "a traced run cannot resume"
    if earlier != nil, execution.tracedUpdates == 0 {
      (state, defect) = try Self.loadCheckpoint(
        of: execution, run: run, startChecksum: startChecksum, into: &network, states: &states)
    }
    if let earlier, let state {
      let position = state.position
      let iteration = plan.updates(at: position, sampleCount: data.train.count)
      provenance = earlier
      let before = earlier.arithmetic
      provenance.resume(
        at: iteration, commit: execution.commit, date: Date(), products: execution.products)
      self.position = position
      earlierSeconds = state.seconds
      let metrics = try folder.resume(provenance, keeping: state.metricsLength)
      log = RunLog(
        metrics,
        try EventLog(folder, of: plan, sampleCount: data.train.count, after: iteration))
      report(
        RunUpdate(
          plan: plan,
          news: .resumed(
            iteration: iteration, elsewhere: provenance.arithmetic == before ? nil : before)))
    } else {
      provenance = Provenance(
        data: description, commit: execution.commit, started: Date(), products: execution.products)
      position = .start
      earlierSeconds = 0
      let isAnew = earlier != nil
      let metrics = try folder.begin(plan, provenance)
      log = RunLog(
        metrics, try EventLog(folder, of: plan, sampleCount: data.train.count, after: 0))
      report(RunUpdate(plan: plan, news: isAnew ? .restarted(because: defect) : .started))
    }
  }

  /// The duration of the run so far in seconds, including earlier sessions.
  var seconds: Double { earlierSeconds + Double(started.duration(to: clock.now) / .seconds(1)) }

  /// Writes a checkpoint if one is due, and interrupts the run on request.
  ///
  /// - Throws: `Interrupted`, after writing a checkpoint; `RecordError`.
  mutating func reach(_ position: TrainingPosition, _ network: NetworkInTraining<Float>) throws {
    let isLast = position.epoch > execution.plan.epochs
    let signal = execution.checkpointPolicy.cancellation.signal
    let sinceSaved = Double(saved.duration(to: clock.now) / .seconds(1))
    let isDue = sinceSaved >= execution.checkpointPolicy.checkpointInterval
    guard !isLast, isDue || signal != nil else { return }
    try log.synchronize()
    let state = Checkpoint.State(
      run: run, position: position, metricsLength: log.metrics.bytes,
      metricsChecksum: log.metrics.sha256, seconds: seconds, startChecksum: startChecksum)
    try execution.folder.writeCheckpoint(
      try Checkpoint(
        state: state,
        tensors: TrainedTensors(network(), states: network.states).namedTensors,
        symmetry: execution.plan.symmetry
      )
      .encode())
    saved = clock.now
    if let signal { throw Interrupted(signal: signal) }
  }

  /// Writes the final status and provenance.
  mutating func end(_ status: RunStatus) throws {
    try log.end(status)
    provenance.ended = Date()
    try execution.folder.write(provenance)
    var status = status
    status.metrics = log.metrics
    status.metrics?.run = run
    try execution.folder.write(status)
    if status.status == .done { try execution.folder.removeCheckpoints() }
  }

  /// Loads the latest valid checkpoint of this run whose rows are complete and unchanged.
  ///
  /// Later checkpoints, which are invalid, are removed, so they cannot displace this one when the
  /// next is written.
  ///
  /// - Returns: The state; without a usable checkpoint `nil` and the defect of the latest one.
  private static func loadCheckpoint(
    of execution: RunExecution, run: String, startChecksum: String?,
    into network: inout Network<Float>, states: inout [String: [Matrix<Float>]]
  ) throws -> (Checkpoint.State?, defect: String) {
    let folder = execution.folder
    var rejected: [URL] = []
    var defect = "there is none"
    for url in folder.checkpoints {
      guard let bytes = try folder.checkpoint(at: url) else { continue }
      do {
        let (state, trained) = try contents(
          of: bytes, at: url, for: execution, run: run, startChecksum: startChecksum, like: network)
        (network, states) = (trained.network, trained.states)
        for url in rejected { try folder.remove(url) }
        return (state, "")
      } catch let error as CheckpointDefect {
        if rejected.isEmpty { defect = "\(url.relativePath) \(error)" }
        rejected.append(url)
      }
    }
    return (nil, defect)
  }

  /// The state and the tensors of a checkpoint.
  ///
  /// - Throws: `CheckpointDefect` if the run cannot resume from it; `RecordError` if the rows cannot be read.
  private static func contents(
    of bytes: [UInt8], at url: URL, for execution: RunExecution, run: String,
    startChecksum: String?, like network: Network<Float>
  ) throws -> (Checkpoint.State, TrainedTensors) {
    let checkpoint: Checkpoint
    do {
      checkpoint = try Checkpoint(bytes, path: url.path)
    } catch {
      if case .malformed(_, _, let reason) = error {
        throw CheckpointDefect.invalid(reason: reason)
      }
      throw CheckpointDefect.invalid(reason: "\(error)")
    }
    let (plan, state) = (execution.plan, checkpoint.state)
    guard state.run == run else { throw CheckpointDefect.otherRun }
    guard state.startChecksum == startChecksum else { throw CheckpointDefect.otherStart }
    guard state.fits(plan, sampleCount: execution.data.train.count) else {
      throw CheckpointDefect.impossiblePosition
    }
    guard let kept = try execution.folder.rows(upTo: state.metricsLength),
      kept.sha256 == state.metricsChecksum ?? kept.sha256
    else { throw CheckpointDefect.otherRows }
    guard checkpoint.symmetry == plan.symmetry else { throw CheckpointDefect.otherSymmetry }
    let trained = try TrainedTensors(
      checkpoint.tensors, like: network, stateNames: plan.rule.stateNames)
    return (state, trained)
  }
}

extension Checkpoint.State {
  /// Whether a state is possible for a plan: a checksum does not guarantee meaningful values.
  fileprivate func fits(_ plan: TrainingPlan, sampleCount: Int) -> Bool {
    (1...plan.epochs).contains(position.epoch)
      && (0...plan.updatesPerEpoch(sampleCount: sampleCount)).contains(position.step)
      && (0...sampleCount).contains(position.correct) && seconds.isFinite && seconds >= 0
  }
}
