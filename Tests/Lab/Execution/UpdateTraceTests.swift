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
