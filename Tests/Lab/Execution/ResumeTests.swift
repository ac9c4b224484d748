// Runs interrupted at any time and resumed: they must equal uninterrupted runs.

import Foundation
import Synchronization
import TestSupport
import Testing
import ZerOCheckpoints
import ZerOChecksums
import ZerODatasets
import ZerOInitializers
import ZerOLinearAlgebra
import ZerONetworks
import ZerOParallelism
import ZerORecords
import ZerOTraining

@testable import ZerOExecution

@Suite struct ResumeTests {
  /// Two epochs of five updates, every update measured.
  private let plan: TrainingPlan = {
    var plan = TrainingPlan(initializer: "Random", width: 9)
    plan.batchSize = 20
    plan.epochs = 2
    plan.stepSize = 1
    plan.measureEvery = 1
    plan.modelSeed = 3
    return plan
  }()

  private static let updates = 10

  /// A data set and a folder for runs.
  private struct Bench {
    let data: Dataset
    let folder: URL

    func run(_ name: String) -> RunFolder { RunFolder(folder.appendingPathComponent(name)) }
  }

  private func withBench(_ body: (Bench) throws -> Void) throws {
    try withTemporaryFolder { folder in
      try writeSmallDataset(to: folder)
      try body(Bench(data: try Dataset(folder: folder, name: "small"), folder: folder))
    }
  }

  /// Executes one session.
  ///
  /// It is interrupted after some updates, if it makes that many. The reports of its start and end
  /// are returned.
  @discardableResult
  private func session(
    of plan: TrainingPlan, _ bench: Bench, in run: RunFolder, interruptedAfter updates: Int = .max,
    checkpointInterval: Double = 1e9, initializers: InitializerCatalog = .builtIn
  ) throws -> [String] {
    let cancellation = Cancellation()
    let execution = RunExecution(
      plan: plan, data: bench.data, folder: run, commit: "test",
      checkpointPolicy: CheckpointPolicy(
        checkpointInterval: checkpointInterval, cancellation: cancellation),
      savesModel: true, initializers: initializers)
    var (words, made): ([String], Int) = ([], 0)
    do {
      _ = try execution(holding: try run.lock()) { update in
        switch update.news {
        case .started: words.append("started")
        case .restarted: words.append("restarted")
        case .resumed(let iteration, nil): words.append("resumed \(iteration)")
        case .measured:
          made += 1
          if made == updates { cancellation.request(signal: 2) }
        case .resumed(let iteration, _?): words.append("resumed \(iteration) elsewhere")
        case .ended(let status): words.append(status.status.rawValue)
        case .tested, .snapshot, .kept, .movedAside, .leftOut: break
        }
      }
    } catch let error as Interrupted {
      #expect(error == Interrupted(signal: 2))
    }
    return words
  }

  private func results(_ run: RunFolder) throws -> [Data] {
    try ["metrics.jsonl", "model.safetensors", "plan.json"].map {
      try Data(contentsOf: run.file($0))
    }
  }

  @Test(arguments: [3, 5, 8])
  func `a deep run without biases resumes`(updates: Int) throws {
    var deep = plan
    deep.depth = 3
    deep.bias = nil
    deep.width = 12
    try withBench { bench in
      try session(of: deep, bench, in: bench.run("whole"))
      let run = bench.run("broken")
      try session(of: deep, bench, in: run, interruptedAfter: updates)
      #expect(try session(of: deep, bench, in: run) == ["resumed \(updates)", "done"])
      #expect(try results(run) == results(bench.run("whole")))
      let ranks = try RunRecord(run).trainRows.last?.quantities["rank"]
      #expect(ranks?.keys.sorted() == ["l3.weight", "l4.weight", "l5.weight"])
    }
  }

  @Test(arguments: ["cnn", "resnet"], [3, 5, 8])
  func `a convolutional run with momentum resumes`(model: String, updates: Int) throws {
    var images = plan
    images.model = model
    images.blocks = ["1"]
    images.widths = ["8"]
    images.norm = .batch
    images.momentum = 0.9
    images.learningRate = 0.01
    try withBench { bench in
      try session(of: images, bench, in: bench.run("whole"))
      let run = bench.run("broken")
      try session(of: images, bench, in: run, interruptedAfter: updates)
      #expect(try session(of: images, bench, in: run) == ["resumed \(updates)", "done"])
      #expect(try results(run) == results(bench.run("whole")))
    }
  }

  @Test func `another run's checkpoint is not used, though its shapes are the same`() throws {
    try withBench { bench in
      var other = plan
      other.seed = 99
      try session(of: other, bench, in: bench.run("other"), interruptedAfter: 7)
      let run = bench.run("run")
      try session(of: plan, bench, in: run, interruptedAfter: 7)
      for url in run.checkpoints { try run.remove(url) }
      try FileManager.default.copyItem(
        at: bench.run("other").checkpoints[0], to: run.checkpoints[0])
      #expect(try session(of: plan, bench, in: run)[0] == "restarted")
    }
  }

  @Test func `a run that starts again names the checkpoint and its defect`() throws {
    var adam = plan
    (adam.optimizer, adam.learningRate) = ("adam", 0.001)
    try withBench { bench in
      let run = bench.run("run")
      func defect() throws -> String? {
        var found: String?
        let execution = RunExecution(plan: adam, data: bench.data, folder: run, commit: "test")
        _ = try execution(holding: try run.lock()) { update in
          if case .restarted(let text) = update.news { found = text }
        }
        return found
      }
      try session(of: adam, bench, in: run, interruptedAfter: 3)
      let url = run.checkpoints[0]
      let sound = try Checkpoint([UInt8](Data(contentsOf: url)), path: "")
      // Without the second of Adam's two states.
      let tensors = sound.tensors.dropLast(sound.tensors.count / 3)
      try Data(
        Checkpoint(state: sound.state, tensors: Array(tensors), symmetry: .dense).encode()
      ).write(to: url)
      #expect(try defect() == "\(url.relativePath) has the states of another optimizer")

      for (change, text) in [
        ({ $0.removeLast() }, "is no valid checkpoint: "),
        ({ $0.removeAll() }, "is no valid checkpoint: "),
      ] as [((inout Data) -> Void, String)] {
        try FileManager.default.removeItem(at: run.url)
        try session(of: adam, bench, in: run, interruptedAfter: 3)
        var bytes = try Data(contentsOf: url)
        change(&bytes)
        try bytes.write(to: url)
        let found = try #require(try defect())
        #expect(found.hasPrefix("\(url.relativePath) \(text)"), "\(found)")
      }
      try FileManager.default.removeItem(at: run.url)
      try session(of: adam, bench, in: run, interruptedAfter: 3)
      try run.removeCheckpoints()
      #expect(try defect() == "there is none")
    }
  }

  @Test func `a run whose own initializer has changed under its name starts again`() throws {
    func catalog(_ rule: any Initializer) throws -> InitializerCatalog {
      try InitializerCatalog.builtIn.adding(
        InitializerEntry(name: "Mine", summary: "", isRandom: false, initializer: rule))
    }
    var mine = plan
    mine.initializer = "Mine"
    let (first, changed) = (try catalog(DCT()), try catalog(Sinusoidal()))
    try withBench { bench in
      try session(of: mine, bench, in: bench.run("whole"), initializers: first)
      try session(of: mine, bench, in: bench.run("changed"), initializers: changed)
      let run = bench.run("broken")
      try session(of: mine, bench, in: run, interruptedAfter: 4, initializers: first)
      #expect(
        try session(of: mine, bench, in: run, interruptedAfter: 2, initializers: first)
          == ["resumed 4", "interrupted"])
      #expect(
        try session(of: mine, bench, in: run, initializers: changed) == ["restarted", "done"])
      #expect(try results(run) == results(bench.run("changed")))
      #expect(try results(run)[0] != results(bench.run("whole"))[0], "the negative control")
    }
  }

  @Test func `an impossible state is not used, even with a valid checksum`() throws {
    try withBench { bench in
      let run = bench.run("senseless")
      try session(of: plan, bench, in: run, interruptedAfter: 7)
      let bytes = [UInt8](try Data(contentsOf: run.checkpoints[0]))
      let sound = try Checkpoint(bytes, path: "")
      try run.remove(run.checkpoints[1])
      let positions = [(0, 0, 0), (3, 0, 0), (.max, 0, 0), (1, -1, 0), (1, 6, 0), (1, 1, -1)]
      for (epoch, step, correct) in positions {
        let state = Checkpoint.State(
          run: sound.state.run,
          position: TrainingPosition(epoch: epoch, step: step, correct: correct),
          metricsLength: sound.state.metricsLength, seconds: 1)
        try Data(Checkpoint(state: state, tensors: sound.tensors, symmetry: .dense).encode())
          .write(to: run.checkpoints[0])
        #expect(try session(of: plan, bench, in: run, interruptedAfter: 1)[0] == "restarted")
      }
      for length in [-1, 1, .max] {
        let state = Checkpoint.State(
          run: sound.state.run, position: sound.state.position, metricsLength: length, seconds: 1)
        try run.remove(run.checkpoints[1])
        try Data(Checkpoint(state: state, tensors: sound.tensors, symmetry: .dense).encode())
          .write(to: run.checkpoints[0])
        #expect(try session(of: plan, bench, in: run, interruptedAfter: 1)[0] == "restarted")
      }
    }
  }

  @Test func `a damaged checkpoint never displaces a valid one`() throws {
    try withBench { bench in
      let run = bench.run("kept")
      try session(of: plan, bench, in: run, interruptedAfter: 7, checkpointInterval: 0)
      try Data([1, 2, 3]).write(to: run.checkpoints[0])
      #expect(
        try session(of: plan, bench, in: run, interruptedAfter: 1, checkpointInterval: 0)
          == ["resumed 6", "interrupted"])
      for url in run.checkpoints {
        _ = try Checkpoint([UInt8](try Data(contentsOf: url)), path: url.path)
      }
    }
  }

  @Test func `an unfinished run on different data is rejected and unchanged`() throws {
    try withBench { bench in
      let run = bench.run("changed")
      try session(of: plan, bench, in: run, interruptedAfter: 7)
      let rows = try Data(contentsOf: run.file("metrics.jsonl"))
      try writeSmallDataset(to: bench.folder, train: 80)
      let changed = Bench(
        data: try Dataset(folder: bench.folder, name: "small"), folder: bench.folder)
      #expect(
        throws: RecordError.otherPlan(path: run.url.path, key: "the contents of small")
      ) { try session(of: plan, changed, in: run) }
      #expect(try Data(contentsOf: run.file("metrics.jsonl")) == rows)
      #expect(run.hasCheckpoint)
    }
  }

  @Test func `a copied run has neither lock, checkpoints nor older files`() throws {
    try withBench { bench in
      let (source, copy) = (bench.run("source"), bench.run("copy"))
      try session(of: plan, bench, in: source)
      try session(of: plan, bench, in: copy, interruptedAfter: 7)
      try copy.copy(from: source, holding: try copy.lock())
      #expect(try results(copy) == results(source) && !copy.hasCheckpoint)
      #expect(try RunRecord(copy).status.status == .done)
    }
  }

  @Test(arguments: 1..<Self.updates)
  func `a run interrupted after any update has the results of an uninterrupted run`(updates: Int)
    throws
  {
    try withBench { bench in
      #expect(try session(of: plan, bench, in: bench.run("whole")) == ["started", "done"])
      let run = bench.run("broken")
      #expect(
        try session(of: plan, bench, in: run, interruptedAfter: updates) == [
          "started", "interrupted",
        ])
      #expect(try RunRecord(run).trainRows.count == updates)
      #expect(try session(of: plan, bench, in: run) == ["resumed \(updates)", "done"])
      #expect(try results(run) == results(bench.run("whole")))
      let provenance = try RunRecord(run).provenance
      #expect(provenance.resumed?.map(\.iteration) == [updates] && provenance.ended != nil)
      #expect(!run.checkpoints.contains { FileManager.default.fileExists(atPath: $0.path) })
    }
  }

  @Test func `one update per session gives the same results`() throws {
    try withBench { bench in
      try session(of: plan, bench, in: bench.run("whole"))
      let run = bench.run("broken")
      for made in 0..<Self.updates {
        let begin = made == 0 ? "started" : "resumed \(made)"
        #expect(
          try session(of: plan, bench, in: run, interruptedAfter: 1) == [begin, "interrupted"])
      }
      // Only the last test pass remains.
      #expect(try session(of: plan, bench, in: run) == ["resumed \(Self.updates)", "done"])
      #expect(try results(run) == results(bench.run("whole")))
    }
  }

  @Test(arguments: [0, 1e9])
  func `rows that a killed process wrote after its checkpoint are removed`(interval: Double) throws
  {
    try withBench { bench in
      try session(of: plan, bench, in: bench.run("whole"))
      let run = bench.run("killed")
      try session(of: plan, bench, in: run, interruptedAfter: 7, checkpointInterval: interval)
      // The state after a later kill: rows beyond the checkpoint, the last one truncated, and the
      // old status.
      let rows = try Data(contentsOf: bench.run("whole").file("metrics.jsonl"))
      let log = try run.file("metrics.jsonl").resourceValues(forKeys: [.fileSizeKey]).fileSize ?? 0
      try rows.prefix(log + 300).write(to: run.file("metrics.jsonl"))
      try run.write(RunStatus(.running))
      #expect(try session(of: plan, bench, in: run) == ["resumed 7", "done"])
      #expect(try results(run) == results(bench.run("whole")))
    }
  }

  @Test func `a run resumes from the checkpoint before a damaged one, or starts again without any`()
    throws
  {
    try withBench { bench in
      try session(of: plan, bench, in: bench.run("whole"))
      let run = bench.run("damaged")
      func damage(_ index: Int, _ change: (inout Data) -> Void) throws {
        var bytes = try Data(contentsOf: run.checkpoints[index])
        change(&bytes)
        try bytes.write(to: run.checkpoints[index])
      }
      let damages: [(inout Data) -> Void] = [
        { $0[$0.count / 2] ^= 1 }, { $0 = $0.dropLast(1) }, { $0 = $0.prefix(5) }, { $0 = Data() },
        { $0.append(0) },
      ]
      for change in damages {
        try session(of: plan, bench, in: run, interruptedAfter: 7, checkpointInterval: 0)
        try damage(0, change)
        #expect(try session(of: plan, bench, in: run) == ["resumed 6", "done"])
        #expect(try results(run) == results(bench.run("whole")))

        try FileManager.default.removeItem(at: run.url)
        try session(of: plan, bench, in: run, interruptedAfter: 7, checkpointInterval: 0)
        try damage(0, change)
        try damage(1, change)
        #expect(try session(of: plan, bench, in: run) == ["restarted", "done"])
        #expect(try results(run) == results(bench.run("whole")))
        try FileManager.default.removeItem(at: run.url)
      }
    }
  }

  @Test func `a checkpoint with missing rows or of another network is not used`() throws {
    try withBench { bench in
      try session(of: plan, bench, in: bench.run("whole"))
      let run = bench.run("rows")
      try session(of: plan, bench, in: run, interruptedAfter: 7)
      let rows = try Data(contentsOf: run.file("metrics.jsonl"))
      try rows.dropLast(1).write(to: run.file("metrics.jsonl"))
      #expect(try session(of: plan, bench, in: run) == ["restarted", "done"])
      #expect(try results(run) == results(bench.run("whole")))

      try FileManager.default.removeItem(at: run.url)
      try session(of: plan, bench, in: run, interruptedAfter: 7)
      try rows.prefix(20).write(to: run.file("metrics.jsonl"))
      #expect(try session(of: plan, bench, in: run) == ["restarted", "done"])
      #expect(try results(run) == results(bench.run("whole")))

      var wider = plan
      wider.width = 10
      try session(of: plan, bench, in: bench.run("narrow"), interruptedAfter: 7)
      try session(of: wider, bench, in: bench.run("wide"), interruptedAfter: 7)
      try FileManager.default.removeItem(at: bench.run("wide").checkpoints[0])
      try FileManager.default.copyItem(
        at: bench.run("narrow").checkpoints[0], to: bench.run("wide").checkpoints[0])
      #expect(try session(of: wider, bench, in: bench.run("wide"))[0] != "resumed 7")
    }
  }

  @Test
  func `only the interval determines checkpoints, not the end of an epoch or the run`()
    throws
  {
    try withBench { bench in
      let run = bench.run("epochs")
      let execution = RunExecution(
        plan: plan, data: bench.data, folder: run, commit: "test",
        checkpointPolicy: CheckpointPolicy(checkpointInterval: 1e9))
      _ = try execution(holding: try run.lock()) { update in #expect(!run.hasCheckpoint) }
      #expect(!run.hasCheckpoint)
    }
  }

  @Test func `a run does not resume from a checkpoint whose rows have changed`() throws {
    try withBench { bench in
      try session(of: plan, bench, in: bench.run("whole"))
      let run = bench.run("changed")
      try session(of: plan, bench, in: run, interruptedAfter: 7)
      var rows = try Data(contentsOf: run.file("metrics.jsonl"))
      let digit = try #require(rows.firstIndex(of: UInt8(ascii: "9")))
      rows[digit] = UInt8(ascii: "8")
      try rows.write(to: run.file("metrics.jsonl"))
      #expect(try session(of: plan, bench, in: run) == ["restarted", "done"])
      #expect(try results(run) == results(bench.run("whole")))
    }
  }

  @Test func `the status states the rows at the end of a session, a checkpoint those before it`()
    throws
  {
    try withBench { bench in
      let run = bench.run("stated")
      try session(of: plan, bench, in: run, interruptedAfter: 7)
      let stated = try #require(try run.status.metrics)
      let state = try Checkpoint([UInt8](try Data(contentsOf: run.checkpoints[0])), path: "").state
      #expect(stated.sha256 == state.metricsChecksum && stated.bytes == state.metricsLength)
      try session(of: plan, bench, in: run)
      let data = try Data(contentsOf: run.file("metrics.jsonl"))
      #expect(
        try run.status.metrics
          == RunStatus.Metrics(
            rows: data.count { $0 == UInt8(ascii: "\n") }, bytes: data.count,
            sha256: sha256([UInt8](data)), run: plan.digest(on: try run.provenance.data)))
    }
  }

  @Test func `the checksum covers every bit of a checkpoint`() throws {
    let state = Checkpoint.State(
      run: "run", position: TrainingPosition(epoch: 2, step: 3, correct: 4), metricsLength: 5,
      seconds: 0.5)
    let network = Network<Float>(layers: [
      DenseLayer(weight: .identity(rows: 2, columns: 2), bias: [3, 4], activation: .identity)
    ])
    let checkpoint = Checkpoint(state: state, tensors: network.namedTensors, symmetry: .reduced)
    let bytes = try checkpoint.encode()
    let read = try Checkpoint(bytes, path: "c")
    #expect(read.symmetry == .reduced)
    #expect(read.state == state && Set(read.tensors.map(\.name)) == ["l1.bias", "l1.weight"])
    for index in bytes.indices {
      for bit in 0..<8 {
        var damaged = bytes
        damaged[index] ^= 1 << bit
        #expect(throws: (any Error).self) { try Checkpoint(damaged, path: "c") }
      }
    }
  }

  @Test func `a session on another BLAS kernel is reported and recorded`() throws {
    try withBench { bench in
      let run = bench.run("moved")
      try session(of: plan, bench, in: run, interruptedAfter: 3)
      let text = try String(contentsOf: run.file("provenance.json"), encoding: .utf8)
      let kernel = try RunRecord(run).provenance.blasKernel
      try Data(text.replacing("\"\(kernel)\"", with: "\"Elsewhere\"").utf8)
        .write(to: run.file("provenance.json"))
      #expect(try session(of: plan, bench, in: run) == ["resumed 3 elsewhere", "done"])
      let provenance = try RunRecord(run).provenance
      #expect(provenance.blasKernel == "Elsewhere")
      #expect(provenance.resumed?.map(\.blasKernel) == [kernel])
    }
  }

  @Test func `only one process at a time uses a run folder`() throws {
    try withBench { bench in
      let run = bench.run("locked")
      let lock = try run.lock()
      #expect(throws: RecordError.locked(path: run.url.path)) { _ = try run.lock() }
      withExtendedLifetime(lock) {}
      _ = consume lock
      _ = try run.lock()
    }
  }
}
