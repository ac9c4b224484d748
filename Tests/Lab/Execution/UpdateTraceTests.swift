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

@Suite struct UpdateTraceTests {
  @Test func `traced gradients equal the changes of the parameters`() throws {
    try withTemporaryFolder { folder in
      try writeSmallDataset(to: folder)
      var plan = TrainingPlan(initializer: "ZerO", width: 8)
      plan.batchSize = 40
      plan.measureEvery = 1
      plan.learningRate = 0.5
      plan.quantities = []
      let data = try Dataset(folder: folder, name: "small")
      let start: Network<Float> = try plan.initialNetwork(for: data)
      let run = RunFolder(folder.appendingPathComponent("run"))
      let execution = RunExecution(
        plan: plan, data: data, folder: run, commit: "test", tracedUpdates: 2)
      _ = try execution(holding: try run.lock()) { _ in }
      let bytes = [UInt8](try Data(contentsOf: run.file("trace.safetensors")))
      let tensors = try TracedTensors(bytes)
      #expect(tensors.names.count == 2 * (1 + 8 + 8), "two updates of three")
      for (before, update) in [
        (start.namedTensors.map { ($0.name, Array($0.values)) }, 0), (try tensors.parameters(0), 1),
      ] {
        for (name, old) in before {
          let new = try tensors.values("\(update).\(name)")
          let gradient = try tensors.values("\(update).\(name).gradient")
          // The update itself is a product that is added to the weight, with one rounding.
          let rounding = Tolerance(absolute: 2e-7, because: "one rounding of numbers up to 1")
          expectClose(
            new.map { Double($0) }, zip(old, gradient).map { Double($0) - 0.5 * Double($1) },
            within: rounding, name)
        }
      }
    }
  }

  @Test func `the trace of a residual network contains every gradient in its parameter's shape`()
    throws
  {
    try withTemporaryFolder { folder in
      try writeSmallDataset(to: folder)
      var plan = TrainingPlan(initializer: "Random", width: 8)
      plan.model = "resnet"
      plan.blocks = ["1", "1"]
      plan.widths = ["8", "16"]
      plan.norm = .batch
      plan.batchSize = 40
      plan.measureEvery = 1
      plan.momentum = 0.9
      plan.clip = 0.5
      plan.quantities = []
      let data = try Dataset(folder: folder, name: "small")
      let run = RunFolder(folder.appendingPathComponent("run"))
      let execution = RunExecution(
        plan: plan, data: data, folder: run, commit: "test", tracedUpdates: 1)
      _ = try execution(holding: try run.lock()) { _ in }
      let archive = try TensorArchive(run.file("trace.safetensors").path)
      let graph = try plan.model(for: data).graph
      var names: Set = ["0.loss"]
      var (squares, factors): (Double, [Double]) = (0, [])
      for parameter in graph.parameters {
        let name = "0.\(parameter.name)"
        names.insert(name)
        #expect(archive[name]?.shape == parameter.shape, "\(name)")
        guard parameter.role.isTrained else { continue }
        let (gradient, state) = (
          "\(name).gradient", "0.optimizer.momentum_buffer.\(parameter.name)"
        )
        names.formUnion([gradient, state])
        #expect(archive[gradient]?.shape == parameter.shape, "\(gradient)")
        let values = try #require(archive[gradient]).named().values
        let buffer = try #require(archive[state]).named().values
        squares += values.reduce(0) { $0 + Double($1) * Double($1) }
        let largest = try #require(values.indices.max { abs(values[$0]) < abs(values[$1]) })
        factors.append(Double(buffer[largest]) / Double(values[largest]))
      }
      #expect(Set(archive.tensors.map(\.name)) == names)
      // The first momentum buffer is the clipped gradient.
      let factor = min(1, 0.5 / squares.squareRoot())
      #expect(factor < 1)
      expectClose(
        factors, factors.map { _ in factor },
        within: Tolerance(relative: 1e-5, because: "the norm is of gradients in single precision"),
        "factors")
    }
  }

  /// A minimal reader for the traced file.
  private struct TracedTensors {
    private let offsets: [String: [Int]]
    private let data: [UInt8]

    init(_ bytes: [UInt8]) throws {
      let length = (0..<8).reduce(0) { $0 | Int(bytes[$1]) << (8 * $1) }
      let decoder = JSONDecoder()
      decoder.keyDecodingStrategy = .convertFromSnakeCase
      struct Entry: Decodable {
        let dataOffsets: [Int]
      }
      offsets = try decoder.decode([String: Entry].self, from: Data(bytes[8..<8 + length]))
        .mapValues(\.dataOffsets)
      data = Array(bytes[(8 + length)...])
    }

    var names: [String] { Array(offsets.keys) }

    func values(_ name: String) throws -> [Float] {
      let ends = try #require(offsets[name])
      return stride(from: ends[0], to: ends[1], by: 4).map { start in
        Float(bitPattern: (0..<4).reduce(UInt32(0)) { $0 | UInt32(data[start + $1]) << (8 * $1) })
      }
    }

    func parameters(_ update: Int) throws -> [(String, [Float])] {
      try names.filter {
        $0.hasPrefix("\(update).l") && ($0.hasSuffix("weight") || $0.hasSuffix("bias"))
      }
      .map { (String($0.dropFirst(2)), try values($0)) }
    }
  }
}
