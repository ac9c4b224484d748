// zerolab train: one run with the options and log lines of the reference notebook.

import ArgumentParser
import Foundation
import ZerODatasets
import ZerOExecution
import ZerOExperiments
import ZerOInitializers
import ZerOLinearAlgebra
import ZerOMessages
import ZerONetworks
import ZerOParallelism
import ZerORecords
import ZerOTerminal
import ZerOTraining

struct TrainCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train", abstract: "Train one network like the reference notebook.",
    discussion:
      "An interrupted run resumes. A finished run is moved aside and trained again.")

  @OptionGroup var options: TrainingOptions

  @Flag(help: "Write the trained network as model.safetensors.")
  var saveModel = false

  @Option(
    parsing: .unconditional,
    help:
      "Write loss, gradients and parameters of the first N measured updates to trace.safetensors."
  )
  var trace = 0

  @Option(
    help: "Name of the run's folder; by default a readable prefix and a digest of its settings.")
  var name: String?

  @Option(
    name: .customLong("out"), help: "Folder that contains the run's folder.", completion: .directory
  )
  var output = "results/train"

  @OptionGroup var jobs: JobOptions

  @OptionGroup var checkpoints: CheckpointOptions

  @Flag(help: "Print the weights before and after training.")
  var printWeights = false

  func validate() throws {
    if trace < 0 { throw ValidationError("--trace is \(trace); it must be at least 0") }
    if let name, !name.isResultName {
      throw ValidationError(
        "--name is '\(name)'; it must be a valid folder name of at most \(String.longestResultName) bytes"
      )
    }
  }

  func run() async throws {
    let plan = try options.plan()
    if trace > 0, plan.symmetry == .reduced { throw PlanError.needsDenseTraining("--trace") }
    let data = try plan.selection(of: Dataset.load(plan.data))
    try plan.validate(for: data)
    try plan.checkMemory(for: data)
    if saveModel || printWeights { try plan.checkWholeNetwork(for: data) }
    try options.network.reportSeed(of: plan)
    let parent = URL(fileURLWithPath: output)
    let folder =
      name.map { RunFolder(parent.appendingPathComponent($0)) } ?? RunFolder(of: plan, in: parent)
    if printWeights { Self.printWeights(of: try plan.initialNetwork(for: data)) }
    let lock = try lock(folder, for: plan, on: data)
    let cancellation = Cancellation()
    let listener = SignalListener(cancellation) { standardError("\n\($0)\n") }
    defer { withExtendedLifetime(listener) {} }
    let execution = RunExecution(
      plan: plan, data: data, folder: folder, commit: Build.commit ?? "unknown",
      checkpointPolicy: checkpoints.policy(endingAt: cancellation), savesModel: saveModel,
      tracedUpdates: trace
    )
    let outcome = try await carryOut(execution, holding: lock)
    let status = outcome.status
    if printWeights { Self.printWeights(of: outcome.network) }
    let record = try RunRecord(folder, withSnapshots: false) {
      switch $0 {
      case .train, .ceiling: $0
      case .test, .snapshot: nil
      }
    }
    for quantity in plan.quantities {
      for tensor in plan.measuredWeights {
        for (updates, rank) in record.series(quantity, of: tensor).suffix(1) {
          let ceiling = quantity == "rank_from_start" ? record.ceiling?.tensors[tensor] : nil
          let factor =
            quantity.hasSuffix("_from_start") && plan.weightDecay > 0
            ? plan.startFactor(after: updates, sampleCount: data.train.count) : nil
          let notes =
            (FigureSpecification.isRank(quantity) ? ["tolerance 1e-4"] : [])
            + (factor.map { [String(format: "of W - %.6g W0", $0)] } ?? [])
            + (ceiling.map { ["ceiling \($0)"] } ?? [])
          print(
            "\(quantity) of \(tensor) after \(counted(updates, "update")): \(Self.text(rank))"
              + (notes.isEmpty ? "" : " (\(notes.joined(separator: ", ")))"))
        }
      }
    }
    if plan.symmetry == .reduced {
      let layers = outcome.reducedLayers.map { "\($0.layer) \($0.trained) of \($0.whole) units" }
      print(
        "symmetry reduction: "
          + (layers.isEmpty
            ? "all units have different initial weights" : layers.joined(separator: ", ")))
    }
    print("records: \(folder.url.relativePath)")
    guard status.status == .done else {
      standardError("zerolab: \(status.message ?? status.status.rawValue)\n")
      throw ExitCode(Failure.Code.failed.rawValue)
    }
  }

  private func carryOut(_ execution: RunExecution, holding lock: FolderLock) async throws
    -> RunOutcome
  {
    do {
      return try await jobs.pool.run { team in
        try execution(holding: lock, team: team) { Self.show($0, of: execution) }
      }
    } catch let error as Interrupted {
      let plan = execution.plan
      if trace > 0 {
        standardError("zerolab: stopped; a traced run cannot resume\n")
        throw ExitCode(128 + error.signal)
      }
      if !options.network.hasModelSeed,
        try plan.initializerNames.contains(where: {
          try InitializerCatalog.builtIn.entry(named: $0).isRandom
        })
      {
        standardError("zerolab: stopped; to resume, add: --model-seed \(plan.modelSeed)\n")
        throw ExitCode(128 + error.signal)
      }
      throw error
    }
  }

  private static func show(_ update: RunUpdate, of execution: RunExecution) {
    switch update.news {
    case .measured(let step):
      // The reference notebook has no line for the last update of a run, unless the interval ends there.
      if step.step.isMultiple(of: update.plan.measureEvery) {
        let count = execution.data.train.count
        print(step.notebookLine(of: update.plan, sampleCount: count))
      }
    case .tested(let test): print(test.notebookLine)
    case .resumed(let iteration, let elsewhere):
      standardError("resuming after \(counted(iteration, "update"))\n")
      if let elsewhere {
        standardError(
          "earlier updates used \(elsewhere): the last bits may differ\n")
      }
    case .restarted(let defect):
      standardError("the earlier run left no usable checkpoint (\(defect)); starting again\n")
    case .started, .ended, .kept, .snapshot, .movedAside, .leftOut: break
    }
    fflush(nil)  // a reader of a pipe sees each line at once
  }

  /// Locks the run's folder; a finished, damaged or traced run in it is moved aside.
  private func lock(_ folder: RunFolder, for plan: TrainingPlan, on data: Dataset) throws
    -> FolderLock
  {
    try ExperimentFolder(URL(fileURLWithPath: output)).refuseLinks(to: folder.url)
    if folder.holdsRun {
      let lock = try folder.lock()
      // A run of another plan may have a checkpoint, so only --fresh moves it aside.
      if !checkpoints.isFresh {
        switch try folder.holding(of: plan, on: Provenance.Data(data)) {
        case .nothingFinished: if trace == 0 { return lock }
        case .finished: break
        case .damaged(let error): standardError("\(error.defect)\n")
        }
      }
      if let old = try RecordFiles.moveAside(folder.url) {
        standardError("the earlier run is now in \(old.relativePath)\n")
      }
    }
    return try folder.lock()
  }

  /// A rank as a whole number, another value with three digits.
  private static func text(_ value: Double) -> String {
    String(format: value == value.rounded() ? "%.0f" : "%.3g", value)
  }

  private static func printWeights(of network: Network<Float>) {
    for index in network.graph.weights {
      print("\(network.graph.parameters[index].name) \(network.parameters[index].tensorText)")
    }
  }
}
