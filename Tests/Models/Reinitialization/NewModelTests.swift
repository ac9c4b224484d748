// The new model's file, value by value.

import Foundation
import TestSupport
import Testing
import ZerOCheckpoints
import ZerOInitializers
import ZerOLinearAlgebra
import ZerORandomness

@testable import ZerOReinitialization

@Suite struct NewModelTests {
  /// Writes the new model and opens it.
  private func new(
    _ model: TensorArchive, _ initializer: String = "ZerO", _ overrides: [TensorRule] = [],
    layout: TensorLayout = .torch, in folder: URL
  ) throws -> TensorArchive {
    let plan = try ReinitializationPlan(
      model, initializer: try InitializerCatalog.builtIn.entry(named: initializer),
      overrides: Overrides(overrides), layout: layout)
    let path = folder.appendingPathComponent("new.safetensors").path
    try plan.write(to: path, seed: 3)
    return try TensorArchive(path)
  }

  private func values(_ archive: TensorArchive, _ name: String) throws -> ContiguousArray<Float> {
    try #require(archive[name]).named().values
  }

  @Test func `everything except the values is copied, and kept tensors are bit-identical`()
    throws
  {
    let tensors = [
      MadeTensor("w", [4, 3], "F32"), MadeTensor("steps", [5], "I64"),
      MadeTensor("b.weight", [2, 2], "BF16"), MadeTensor("a.weight", [2, 2], "F16"),
      MadeTensor("flags", [3], "BOOL"), MadeTensor("embed", [9, 5], "F64"),
      MadeTensor("eighth", [3, 3], "F8_E4M3"),
    ]
    try withModel(tensors) { model, folder in
      let copy = try new(model, in: folder)
      #expect(copy.metadata["format"] == "pt" && copy.metadata.count == 2)
      #expect(copy.tensors.map(\.name) == tensors.map(\.name))
      #expect(copy.tensors.map(\.type) == tensors.map(\.type))
      #expect(copy.tensors.map(\.shape) == tensors.map(\.shape))
      for name in ["steps", "flags", "embed"] {
        #expect(try copy[name]?.storedBytes() == model[name]?.storedBytes(), "\(name)")
      }
      #expect(
        try values(copy, "w") == [0.5, 0.5, 0.5, 0.5, -0.5, 0.5, 0.5, 0.5, -0.5, 0.5, -0.5, -0.5])
      #expect(try values(copy, "a.weight") == [1, 0, 0, 1])
      #expect(try values(copy, "b.weight") == [1, 0, 0, 1])
      #expect(try values(copy, "eighth") == [1, 0, 0, 0, 1, 0, 0, 0, 1])
    }
  }

  @Test func `the file records its initialization and keeps its other metadata`() throws {
    let tensors = [
      wave("model.embed_tokens.weight", [9, 4]), wave("model.norm.weight", [4]),
      wave("model.layers.0.self_attn.q_proj.weight", [4, 4]),
      wave("model.layers.0.self_attn.v_proj.weight", [2, 4]),
    ]
    let texts = ["format": "pt", InitializationRecord.metadataKey: "older"]
    try withModel(of: tensors, metadata: texts) { model, folder in
      for (initializer, seed) in [("ZerO", "0"), ("Random", "3")] {
        let copy = try new(model, initializer, in: folder)
        #expect(copy.metadata.count == 2 && copy.metadata["format"] == "pt")
        #expect(
          InitializationRecord(metadata: copy.metadata)
            == InitializationRecord(
              initializer: initializer, rules: "llama", seed: seed,
              treatments: [
                "model.embed_tokens.weight": "keep",
                "model.layers.0.self_attn.q_proj.weight": "identity",
                "model.layers.0.self_attn.v_proj.weight": "zeros",
              ], layout: "torch"))
      }
    }
  }

  @Test func `an interrupted write leaves no new file`() throws {
    struct Stop: Error {}
    try withModel([MadeTensor("a.weight", [2, 2]), MadeTensor("b.weight", [2, 2])]) {
      model, folder in
      let plan = try ReinitializationPlan(
        model, initializer: try InitializerCatalog.builtIn.entry(named: "ZerO"))
      let before = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      #expect(throws: Stop.self) {
        try plan.write(to: folder.appendingPathComponent("new.safetensors").path, seed: 0) {
          if $0.tensor.name == "b.weight" { throw Stop() }
        }
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == before)
    }
  }

  @Test func `a kept NaN keeps its bits`() throws {
    try withTemporaryFolder { folder in
      let nan = Float(bitPattern: 0x7fa0_1234)
      let url = folder.appendingPathComponent("model.safetensors")
      try Data(Safetensors.encode([NamedTensor(name: "w", vector: [nan, 1])])).write(to: url)
      let copy = try new(try TensorArchive(url.path), in: folder)
      #expect(try copy["w"]?.storedBytes().prefix(4) == [0x34, 0x12, 0xa0, 0x7f])
    }
  }

  @Test(arguments: ["ZerO", "Random", "OnE", "Orthogonal"])
  func `random weights come from one stream in the order of the file`(initializer: String) throws {
    let tensors = [
      MadeTensor("z", [5, 3]), MadeTensor("bias", [5]), MadeTensor("a", [4, 2, 3, 3]),
      MadeTensor("m", [3, 6]),
    ]
    try withModel(tensors) { model, folder in
      let copy = try new(model, initializer, in: folder)
      let rule = try InitializerCatalog.builtIn.entry(named: initializer).initializer
      var streams = RandomStreams(seed: 3)
      let z = try rule.weight(WeightShape(outputs: 5, inputs: 3), using: &streams).elements
      let a = try rule.kernel(
        KernelShape(outputs: 4, inputs: 2, kernelSize: [3, 3]), using: &streams)
      let m = try rule.weight(WeightShape(outputs: 3, inputs: 6), using: &streams).elements
      #expect(try values(copy, "z") == z)
      #expect(try values(copy, "bias") == [0, 0, 0, 0, 0])
      #expect(try values(copy, "a") == a)
      #expect(try values(copy, "m") == m)
    }
  }

  /// Transposes a matrix or kernel to JAX's layout, independently of the package.
  private func turned(_ values: ContiguousArray<Float>, _ shape: [Int]) -> ContiguousArray<Float> {
    let (outputs, inputs, taps) = (shape[0], shape[1], shape[2...].reduce(1, *))
    return ContiguousArray(
      (0..<values.count).map { index in
        let (output, rest) = (index % outputs, index / outputs)
        let (input, tap) = (rest % inputs, rest / inputs)
        return values[output * inputs * taps + input * taps + tap]
      })
  }

  @Test(arguments: ["ZerO", "Random"])
  func `a file in JAX's layout has the same values transposed`(initializer: String) throws {
    let shapes = [("m", [6, 4]), ("c", [5, 3, 2, 3]), ("i", [4, 3, 2, 2]), ("p", [6, 3, 2, 2])]
    let rules = [TensorRule("i", .identity), TensorRule("p", .matrix)]
    let expected = try withTemporaryFolder { folder in
      let model = try makeModel(shapes.map { MadeTensor($0, $1) }, in: folder)
      let copy = try new(model, initializer, rules, in: folder)
      return try shapes.map { turned(try values(copy, $0.0), $0.1) }
    }
    let turnedShapes = shapes.map { name, shape in
      MadeTensor(name, Array(shape[2...]) + [shape[1], shape[0]])
    }
    try withModel(turnedShapes) { model, folder in
      let copy = try new(model, initializer, rules, layout: .jax, in: folder)
      for ((name, _), expected) in zip(shapes, expected) {
        #expect(try values(copy, name) == expected, "\(name)")
      }
    }
  }

  @Test(arguments: ["ZerO", "Random"])
  func `a file in MLX's layout has the inputs of kernels last`(initializer: String) throws {
    let layout = try #require(TensorLayout(rawValue: "mlx"))
    let shapes = [("m", [6, 4]), ("c", [5, 3, 2, 3]), ("conv", [4, 3, 2])]
    let (expected, dimensions) = try withTemporaryFolder { folder in
      let model = try makeModel(shapes.map { MadeTensor($0, $1) }, in: folder)
      let copy = try new(model, initializer, in: folder)
      let expected = try shapes.map { name, shape in
        let (inputs, taps) = (shape[1], shape[2...].reduce(1, *))
        let values = try values(copy, name)
        return ContiguousArray(
          values.indices.map { index in
            let (row, rest) = (index / (inputs * taps), index % (inputs * taps))
            return values[row * inputs * taps + rest % inputs * taps + rest / inputs]
          })
      }
      return (expected, shapes.map { [$0.1[0]] + $0.1[2...] + [$0.1[1]] })
    }
    let tensors = zip(shapes, dimensions).map { MadeTensor($0.0, $1) }
    try withModel(tensors) { model, folder in
      let copy = try new(model, initializer, layout: layout, in: folder)
      for ((name, _), expected) in zip(shapes, expected) {
        #expect(try values(copy, name) == expected, "\(name)")
      }
    }
    #expect(layout.matrix(of: [5, 2, 3, 4])?.rows == 5)
    #expect(layout.matrix(of: [5, 2, 3, 4])?.columns == 24)
  }

  @Test func `the center tap follows Algorithm 2 in both layouts`() throws {
    try withModel([MadeTensor("kernel", [4, 4, 2, 2])]) { model, folder in
      let copy = try new(model, layout: .jax, in: folder)
      let values = try values(copy, "kernel")
      // The identity at the tap (2, 2) of 4 × 4.
      for (index, value) in values.enumerated() {
        #expect(value == ([40, 43].contains(index) ? 1 : 0), "\(index)")
      }
    }
  }

  @Test func `Q is the identity if Q, K and V are one matrix`() throws {
    let identity: ContiguousArray<Float> = [1, 0, 0, 1]
    try withModel([
      MadeTensor("h.0.attn.c_attn.weight", [2, 6]), MadeTensor("wte.weight", [3, 2]),
    ]) { model, folder in
      let copy = try new(model, in: folder)
      #expect(try values(copy, "h.0.attn.c_attn.weight") == [1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0])
    }
    try withModel([
      MadeTensor("a.self_attention.in_proj_weight", [6, 2]),
      MadeTensor("conv_proj.weight", [2, 3, 1, 1]),
    ]) { model, folder in
      let copy = try new(model, in: folder)
      #expect(
        try values(copy, "a.self_attention.in_proj_weight")
          == identity + [0, 0, 0, 0, 0, 0, 0, 0])
    }
  }

  @Test func `a model in several files becomes one`() throws {
    try withTemporaryFolder { folder in
      let files = ["model-1.safetensors", "model-2.safetensors"]
      for (name, file) in zip(["b", "a"], files) {
        // Different values; equal tensors would be tied.
        let tensor = NamedTensor(
          name: name, shape: [2, 2], values: [name == "a" ? 5 : 4, 6, 7, 8])
        try Data(Safetensors.encode([tensor])).write(to: folder.appendingPathComponent(file))
      }
      try Data(
        #"{"weight_map": {"b": "model-1.safetensors", "a": "model-2.safetensors"}}"#.utf8
      ).write(to: folder.appendingPathComponent("model.safetensors.index.json"))
      let copy = try new(
        try TensorArchive(folder.path), "ZerO", [TensorRule("a", .keep)], in: folder)
      #expect(copy.tensors.map(\.name) == ["b", "a"])
      #expect(try values(copy, "b") == [1, 0, 0, 1])
      #expect(try values(copy, "a") == [5, 6, 7, 8])
    }
  }
}
