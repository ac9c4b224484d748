import Foundation
import TestSupport
import Testing
import ZerOCheckpoints
import ZerODatasets
import ZerOExecution
import ZerOLinearAlgebra
import ZerONetworks
import ZerORecords
import ZerOTraining

/// Runs with symmetry reduction: their records are those of the whole network.
@Suite struct SymmetryReductionTests {
  private func plan(_ name: String, _ symmetry: SymmetryMode) -> TrainingPlan {
    var plan = TrainingPlan(initializer: name, width: 40)
    plan.batchSize = 20
    plan.epochs = 2
    plan.measureEvery = 2
    plan.modelSeed = 7
    plan.symmetry = symmetry
    plan.quantities.append("copy_distance")
    return plan
  }

  /// Trains dense and reduced networks.
  private func withRuns(
    of name: String,
    _ body: (_ dense: RunFolder, _ reduced: RunFolder, _ whole: Network<Float>) throws -> Void
  ) throws {
    try withTemporaryFolder { folder in
      try writeSmallDataset(to: folder)
      let data = try Dataset(folder: folder, name: "small")
      var networks: [Network<Float>] = []
      let runs = try SymmetryMode.allCases.map { symmetry in
        let run = RunFolder(folder.appendingPathComponent(symmetry.rawValue))
        let execution = RunExecution(
          plan: plan(name, symmetry), data: data, folder: run, commit: "test", savesModel: true)
        networks.append(try execution(holding: try run.lock()) { _ in }.network)
        return run
      }
      try body(runs[0], runs[1], networks[1])
    }
  }

  @Test func `without identical units the records are bit-identical`() throws {
    try withRuns(of: "Random") { dense, reduced, _ in
      for name in ["metrics.jsonl", "model.safetensors"] {
        let bytes = try Data(contentsOf: reduced.file(name))
        #expect(try Data(contentsOf: dense.file(name)) == bytes)
      }
    }
  }

  @Test(arguments: ["ZerO", "Partial_Identity", "OnE", "ConstAvg"])
  func `with identical units the records differ by rounding`(name: String) throws {
    let rounding = Tolerance(
      relative: 1e-4, absolute: 1e-5, because: "10 updates in single precision, ε = 1.2e-7")
    try withRuns(of: name) { dense, reduced, whole in
      let (mine, theirs) = (try RunRecord(reduced), try RunRecord(dense))
      expectClose(
        mine.trainRows.map(\.loss), theirs.trainRows.map(\.loss), within: rounding, "losses")
      for quantity in ["rank", "rank_from_start"] {
        #expect(
          mine.trainRows.map { $0.quantities[quantity] }
            == theirs.trainRows.map { $0.quantities[quantity] })
      }
      let distances = mine.trainRows.map { $0.quantities["copy_distance"]?["l3.weight"] }
      #expect(distances.allSatisfy { $0 == 0 })
      #expect(mine.ceiling == theirs.ceiling)
      for (one, other) in zip(mine.snapshots, theirs.snapshots) {
        #expect(one.tensor == other.tensor && one.shape == [40, 40] && one.shape == other.shape)
        #expect(one.spectra.keys.sorted() == other.spectra.keys.sorted())
        for (key, spectrum) in other.spectra {
          expectClose(
            (one.spectra[key]?.values ?? []).map { Double($0) }, spectrum.values.map { Double($0) },
            within: rounding, "spectrum")
        }
      }
      let (saved, model) = (
        try TensorArchive(reduced.file("model.safetensors").path),
        try TensorArchive(dense.file("model.safetensors").path)
      )
      #expect(saved.tensors.map(\.name) == model.tensors.map(\.name))
      for (tensor, other) in zip(saved.tensors, model.tensors) {
        #expect(tensor.shape == other.shape)
        expectClose(
          try tensor.named().values.map { Double($0) },
          try other.named().values.map { Double($0) }, within: rounding, tensor.name)
      }
      let weight = try #require(saved["l3.weight"]).named()
      #expect(weight.values == whole.layers[2].weight.elements)
    }
  }

  @Test func `an interrupted run resumes with its classes`() throws {
    try withTemporaryFolder { folder in
      try writeSmallDataset(to: folder)
      let data = try Dataset(folder: folder, name: "small")
      func session(_ name: String, until updates: Int = .max) throws -> RunFolder {
        let run = RunFolder(folder.appendingPathComponent(name))
        let cancellation = Cancellation()
        let execution = RunExecution(
          plan: plan("ZerO", .reduced), data: data, folder: run, commit: "test",
          checkpointPolicy: CheckpointPolicy(checkpointInterval: 1e9, cancellation: cancellation),
          savesModel: true)
        var made = 0
        do {
          _ = try execution(holding: try run.lock()) { update in
            guard case .measured = update.news else { return }
            made += 1
            if made == updates { cancellation.request(signal: 2) }
          }
        } catch is Interrupted {
          #expect(made == updates)
        }
        return run
      }
      let whole = try session("whole")
      let run = try session("broken", until: 3)
      // The checkpoint contains the reduced network: 40 units in fewer classes.
      let saved = try TensorArchive(try #require(run.checkpoints.first).path)
      let shape = try #require(saved["l3.weight"]).shape
      #expect(shape[0] == shape[1] && shape[0] < 40)
      #expect(saved.metadata["ties"] == "exact", "readers can recognize it")
      let broken = try session("broken")
      for name in ["metrics.jsonl", "model.safetensors"] {
        let bytes = try Data(contentsOf: whole.file(name))
        #expect(try Data(contentsOf: broken.file(name)) == bytes)
      }
    }
  }

  @Test func `the estimate of a reduced run depends on its classes`() throws {
    try withTemporaryFolder { folder in
      try writeSmallDataset(to: folder)
      let data = try Dataset(folder: folder, name: "small")
      var plan = TrainingPlan(initializer: "Partial_Identity", width: 60_000)
      plan.batchSize = 20
      plan.data = "small"
      let dense = try RunEstimate.estimates(of: [plan], data: ["small": data])[0]
      plan.symmetry = .reduced
      let reduced = try RunEstimate.estimates(of: [plan], data: ["small": data])[0]
      #expect(dense.seconds == nil && reduced.seconds != nil)
      #expect(reduced.bytes < 100 << 20)
      // W − I is measured on the whole layer, unless the layer starts from the identity.
      plan.initializer = "ConstAvg"
      plan.width = 64
      let whole = try RunEstimate.estimates(of: [plan], data: ["small": data])[0]
      plan.symmetry = .dense
      #expect(
        try RunEstimate.estimates(of: [plan], data: ["small": data])[0].bytes == whole.bytes)
      plan.symmetry = .reduced
      plan.quantities = []
      #expect(
        try RunEstimate.estimates(of: [plan], data: ["small": data])[0].bytes < whole.bytes)
    }
  }
}
