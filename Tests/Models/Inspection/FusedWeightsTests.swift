// Fused weights, whose layers have known ranks.

import Foundation
import TestSupport
import Testing
import ZerOCheckpoints
import ZerOInitializers
import ZerOLinearAlgebra
import ZerONamePatterns
import ZerOParallelism
import ZerORandomness
import ZerOSpectra

@testable import ZerOInspection

@Suite struct FusedWeightsTests {
  /// A tensor that is assembled from matrices of given ranks.
  struct Fused: Sendable {
    let name: String

    /// Outputs of each layer, in the order of `names`; all layers have `inputs` inputs.
    let outputs: [Int]
    let inputs: Int
    let names: [String]

    /// The number of heads if the layers are interleaved head by head; 0 for blocks.
    var heads = 0

    /// Whether outputs are columns.
    var isOutputLast = false

    /// Further tensors of the model.
    var others: [(name: String, shape: [Int])] = []

    /// The place of output `i` of layer `part` among all outputs.
    func place(_ part: Int, _ i: Int) -> Int {
      guard heads > 0 else { return outputs[..<part].reduce(0, +) + i }
      let width = outputs[part] / heads
      return i / width * width * outputs.count + part * width + i % width
    }

    /// The rank of a layer, different for each.
    func rank(_ part: Int) -> Int { part + 2 }

    /// Element (i, j) of a layer, of its rank.
    func element(_ part: Int, _ i: Int, _ j: Int) -> Float {
      (0..<rank(part)).reduce(0) { sum, k in
        sum + Float((i * i * (k + 3) + 7 * i * (part + 1) + 11 * k) % 13 - 6)
          * Float((j * j * (k + 2) + 5 * j + 3 * part + k) % 11 - 5)
      }
    }

    var shape: [Int] {
      let total = outputs.reduce(0, +)
      return isOutputLast ? [inputs, total] : [total, inputs]
    }

    var tensor: NamedTensor {
      var values = ContiguousArray<Float>(repeating: .nan, count: shape[0] * shape[1])
      for part in outputs.indices {
        for i in 0..<outputs[part] {
          for j in 0..<inputs {
            let output = place(part, i)
            values[isOutputLast ? j * shape[1] + output : output * inputs + j] = element(part, i, j)
          }
        }
      }
      return NamedTensor(name: name, shape: shape, values: values)
    }

    /// One layer as a tensor of its own.
    func layer(_ part: Int) -> NamedTensor {
      let (rows, columns) = isOutputLast ? (inputs, outputs[part]) : (outputs[part], inputs)
      return NamedTensor(
        name: "layer\(part)", shape: [rows, columns],
        values: ContiguousArray(
          (0..<rows * columns).map { place in
            let (i, j) = (place / columns, place % columns)
            return isOutputLast ? element(part, j, i) : element(part, i, j)
          }))
    }

    /// The model: this tensor, its layers as tensors of their own, and the others.
    var model: [NamedTensor] {
      [tensor] + outputs.indices.map(layer)
        + others.map { other in
          NamedTensor(
            name: other.name, shape: other.shape,
            values: ContiguousArray(repeating: 1, count: other.shape.reduce(1, *)))
        }
    }
  }

  static let qkv = ["q", "k", "v"]

  static let kinds = [
    Fused(
      name: "transformer.h.0.attn.c_attn.weight", outputs: [16, 16, 16], inputs: 16, names: qkv,
      isOutputLast: true),
    Fused(
      name: "transformer.h.0.attn.c_attn.weight", outputs: [16, 16, 16], inputs: 16, names: qkv),
    Fused(
      name: "h.0.crossattention.c_attn.weight", outputs: [16, 16], inputs: 16, names: ["k", "v"]),
    // StarCoder: one head of keys and values.
    Fused(
      name: "h.0.attn.c_attn.weight", outputs: [16, 4, 4], inputs: 16, names: qkv,
      others: [("h.0.attn.c_proj.weight", [16, 16])]),
    Fused(name: "blocks.0.attn.qkv.weight", outputs: [12, 12, 12], inputs: 12, names: qkv),
    Fused(name: "to_qkv.weight", outputs: [20, 20, 20], inputs: 12, names: qkv),
    Fused(name: "a.to_kv.weight", outputs: [20, 20], inputs: 12, names: ["k", "v"]),
    Fused(name: "in_proj_weight", outputs: [16, 16, 16], inputs: 16, names: qkv),
    Fused(name: "encoder.self_attn.in_proj_weight", outputs: [16, 16, 16], inputs: 16, names: qkv),
    Fused(
      name: "gpt_neox.layers.0.attention.query_key_value.weight", outputs: [24, 24, 24],
      inputs: 24, names: qkv, heads: 4),
    Fused(name: "blocks.0.attn.Wqkv.weight", outputs: [16, 16, 16], inputs: 16, names: qkv),
    Fused(
      name: "mixer.Wqkv.weight", outputs: [16, 8, 8], inputs: 16, names: qkv,
      others: [("mixer.out_proj.weight", [16, 16])]),
    // DBRX: grouped queries.
    Fused(
      name: "norm_attn_norm.attn.Wqkv.weight", outputs: [16, 8, 8], inputs: 16, names: qkv,
      others: [("norm_attn_norm.attn.out_proj.weight", [16, 16])]),
    // Phi-3: heads wider than the model, and grouped queries.
    Fused(
      name: "model.layers.0.self_attn.qkv_proj.weight", outputs: [24, 8, 8], inputs: 16, names: qkv,
      others: [("model.layers.0.self_attn.o_proj.weight", [16, 24])]),
    Fused(
      name: "model.layers.0.mlp.gate_up_proj.weight", outputs: [20, 20], inputs: 12,
      names: ["gate", "up"]),
    Fused(name: "mlp.w12.weight", outputs: [20, 20], inputs: 12, names: ["gate", "up"]),
    Fused(
      name: "lstm.weight_ih_l0", outputs: [10, 10, 10, 10], inputs: 12,
      names: ["i", "f", "g", "o"], others: [("lstm.weight_hh_l0", [40, 10])]),
    Fused(
      name: "lstm.weight_hh_l1_reverse", outputs: [10, 10, 10, 10], inputs: 10,
      names: ["i", "f", "g", "o"]),
    // A projection makes the state narrower than the layer.
    Fused(
      name: "lstm.weight_hh_l0", outputs: [10, 10, 10, 10], inputs: 8,
      names: ["i", "f", "g", "o"], others: [("lstm.weight_hr_l0", [8, 10])]),
    Fused(
      name: "gru.weight_ih_l0", outputs: [10, 10, 10], inputs: 12, names: ["r", "z", "n"],
      others: [("gru.weight_hh_l0", [30, 10])]),
    Fused(name: "cell.weight_hh", outputs: [10, 10, 10], inputs: 10, names: ["r", "z", "n"]),
    Fused(
      name: "rnn.Wx", outputs: [10, 10, 10, 10], inputs: 12, names: ["i", "f", "g", "o"],
      others: [("rnn.Wh", [40, 10])]),
  ]

  private func inspect(
    _ tensors: [NamedTensor], heads: Int? = 4, metadata: [String: String] = [:],
    _ settings: InspectionSettings? = nil, selected: [String] = [], isWhole: Bool = false
  ) async throws -> CheckpointInspection {
    try await withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("model.safetensors")
      try Data(Safetensors.encode(tensors, metadata: metadata)).write(to: url)
      if let heads {
        try Data(#"{"num_attention_heads": \#(heads), "rope": null}"#.utf8)
          .write(to: folder.appendingPathComponent("config.json"))
      }
      var settings = try settings ?? InspectionSettings()
      settings.layouts.areFusedWeightsWhole = isWhole
      return try await CheckpointInspection(
        try TensorArchive(url.path), TensorSelection(selected: selected.map(NamePattern.init)),
        settings, on: WorkerPool(threads: 2))
    }
  }

  @Test(arguments: kinds)
  func `each layer of a fused weight has the spectrum of the layer alone`(fused: Fused)
    async throws
  {
    let inspection = try await inspect(fused.model)
    let parts = inspection.tensors.filter { $0.tensorName == fused.name }
    #expect(parts.map(\.name) == fused.names.map { "\(fused.name)[\($0)]" })
    for (place, part) in parts.enumerated() {
      let layer = try #require(inspection.tensors.first { $0.name == "layer\(place)" })
      #expect(part.shape == layer.shape)
      #expect(part.findings?.rank.rank == fused.rank(place))
      #expect(part.findings?.spectrum.values == layer.findings?.spectrum.values)
    }
    #expect(
      inspection.notes.contains {
        $0.hasPrefix("fused weights, ranked layer by layer (--whole") && $0.contains(fused.name)
      })
  }

  @Test(arguments: kinds)
  func `with --whole a fused weight is one matrix, as are two of its layers by another name`(
    fused: Fused
  ) async throws {
    let whole = try await inspect(fused.model, isWhole: true)
    let tensor = try #require(whole.tensors.first { $0.name == fused.name })
    #expect(tensor.shape == fused.shape)
    #expect((tensor.findings?.rank.rank ?? 0) > fused.rank(fused.outputs.count - 1))
    let values = fused.tensor.values
    let renamed = NamedTensor(name: "fc.weight", shape: fused.shape, values: values)
    let other = try await inspect([renamed])
    #expect(other.tensors.map(\.name) == ["fc.weight"])
    #expect(other.tensors[0].findings?.rank.rank == tensor.findings?.rank.rank)
    #expect(other.notes.isEmpty)
  }

  @Test func `a weight that can't be divided stays whole, with the reason`() async throws {
    func note(_ name: String, _ shape: [Int], heads: Int? = nil) async throws -> String? {
      let tensor = NamedTensor(
        name: name, shape: shape, values: ContiguousArray(repeating: 1, count: shape[0] * shape[1]))
      let inspection = try await inspect([tensor], heads: heads)
      #expect(inspection.tensors.map(\.name) == [name])
      return inspection.notes.first
    }
    let name = "h.0.self_attention.query_key_value.weight"
    #expect(
      try await note(name, [24, 8])
        == "fused weights, each ranked as one matrix (each head has its own rows, and no "
        + "config.json beside the file gives the number of heads): \(name)")
    #expect(try await note(name, [24, 8], heads: 3) != nil)
    // Falcon's grouped queries.
    #expect(try await note(name, [12, 8], heads: 4)?.contains("12 outputs for 8 inputs") == true)
    #expect(
      try await note("l.self_attn.qkv_proj.weight", [16, 8])?
        .contains("without a projection 'o_proj'") == true)
    #expect(try await note("gate_up_proj.weight", [7, 5])?.contains("divide by 2") == true)
    // A simple recurrent layer has one matrix.
    #expect(try await note("rnn.weight_hh_l0", [8, 8]) == nil)
  }

  @Test func `parts are selected by their own names and by the tensor's`() async throws {
    let fused = Self.kinds[0]
    let own = try await inspect(fused.model, selected: ["*c_attn.weight[[]k]"])
    #expect(own.tensors.map(\.name) == ["\(fused.name)[k]"])
    #expect(try await inspect(fused.model, selected: ["*c_attn*"]).tensors.count == 3)
  }

  @Test(arguments: kinds)
  func `another checkpoint is subtracted part by part`(fused: Fused) async throws {
    try await withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("start.safetensors")
      var start = fused.tensor.values
      // Only the last layer differs, by one element.
      let last = fused.place(fused.outputs.count - 1, 1)
      start[fused.isOutputLast ? last : last * fused.inputs] += 1
      let tensors =
        [NamedTensor(name: fused.name, shape: fused.shape, values: start)] + fused.model.dropFirst()
      try Data(Safetensors.encode(tensors)).write(to: url)
      let inspection = try await inspect(
        fused.model, InspectionSettings(baseline: .archive(try TensorArchive(url.path))))
      let parts = inspection.tensors.filter { $0.tensorName == fused.name }
      let zeros = [Int](repeating: 0, count: fused.outputs.count - 1)
      #expect(parts.map { $0.findings?.rank.rank } == zeros + [1])
    }
  }

  @Test(arguments: [false, true])
  func `an initializer is subtracted from each part, unless a record names others`(
    isOutputLast: Bool
  ) async throws {
    let entry = try InitializerCatalog.builtIn.entry(named: "ZerO")
    let layout = isOutputLast ? TensorLayout.jax : .torch
    let name = "h.0.attn.c_attn.weight"
    var streams = RandomStreams(seed: 0)
    let single = try entry.initializer.weight(WeightShape(outputs: 8, inputs: 8), using: &streams)
      .elements
    let settings = try InspectionSettings(
      rule: .absolute(1e-6), baseline: .initializer(entry), layouts: TensorLayouts(layout))
    func ranks(_ values: ContiguousArray<Float>, _ treatment: String? = nil) async throws -> [Int?]
    {
      let shape = isOutputLast ? [8, 24] : [24, 8]
      let record = InitializationRecord(
        initializer: "ZerO", rules: "gpt2", seed: "0", treatments: [name: treatment ?? ""],
        layout: layout.rawValue)
      let tensor = NamedTensor(
        name: name, shape: shape, values: layout.stored(values, torchShape: [24, 8]))
      let metadata =
        treatment == nil ? [:] : [InitializationRecord.metadataKey: try record.text()]
      return try await inspect([tensor], metadata: metadata, settings).tensors
        .map { $0.findings?.rank.rank }
    }
    #expect(try await ranks(single + single + single) == [0, 0, 0])
    #expect(try await ranks(single + single + single, "3 matrices") == [0, 0, 0])
    let zeros = ContiguousArray<Float>(repeating: 0, count: 64)
    let identity = Matrix<Float>.identity(rows: 8, columns: 8).elements
    #expect(try await ranks(identity + zeros + zeros, "identity | zeros | zeros") == [0, 0, 0])
    // Without the record, the initializer is subtracted.
    let plain = try await ranks(identity + zeros + zeros)
    #expect(plain[1] == 8 && plain[2] == 8)
    // One matrix for the whole tensor: each part gets its own rows.
    let whole = try entry.initializer.weight(WeightShape(outputs: 24, inputs: 8), using: &streams)
      .elements
    #expect(try await ranks(whole, "matrix") == [0, 0, 0])
    #expect(try await ranks(single + single + single, "matrix") != [0, 0, 0])
  }

  @Test func `parts in NumPy's archives and in column-major order have the same ranks`()
    async throws
  {
    let fused = Self.kinds[9]
    try await withTemporaryFolder { folder in
      try Data(#"{"n_head": 4}"#.utf8).write(to: folder.appendingPathComponent("config.json"))
      let name = "query_key_value.weight"
      let (rows, columns) = (fused.shape[0], fused.shape[1])
      let values = fused.tensor.values
      let columnMajor = ContiguousArray(
        values.indices.map { values[$0 % rows * columns + $0 / rows] })
      var fortran = NPYFile.encode(shape: fused.shape, values: columnMajor)
      if let range = fortran.firstRange(of: Array("False".utf8)) {
        fortran.replaceSubrange(range, with: Array("True ".utf8))
      }
      let files = ["\(name).npy", "f/\(name).npy", "m.npz"].map(folder.appendingPathComponent)
      try FileManager.default.createDirectory(
        at: folder.appendingPathComponent("f"), withIntermediateDirectories: true)
      try Data(#"{"n_heads": 4}"#.utf8).write(to: folder.appendingPathComponent("f/config.json"))
      try Data(NPYFile.encode(shape: fused.shape, values: values)).write(to: files[0])
      try Data(fortran).write(to: files[1])
      let python = Process()
      python.executableURL = URL(fileURLWithPath: "/usr/bin/env")
      python.arguments = [
        "python3", "-c",
        "import sys, zipfile; zipfile.ZipFile(sys.argv[1], 'w').write(sys.argv[2], sys.argv[3])",
        files[2].path, files[0].path, "\(name).npy",
      ]
      try python.run()
      python.waitUntilExit()
      for file in files {
        let archive = try TensorArchive(file.path)
        for baseline in [Baseline.nothing]
          + (try files.map { .archive(try TensorArchive($0.path)) })
        {
          let inspection = try await CheckpointInspection(
            archive, TensorSelection(), InspectionSettings(baseline: baseline),
            on: WorkerPool(threads: 2))
          let isPlain = if case .nothing = baseline { true } else { false }
          #expect(
            inspection.tensors.map { $0.findings?.rank.rank }
              == (isPlain ? [2, 3, 4] : [0, 0, 0]),
            "\(file.lastPathComponent)")
        }
      }
    }
  }
}
