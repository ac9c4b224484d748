// How tensors of more than two dimensions are interpreted as matrices.

import Foundation
import TestSupport
import Testing
import ZerOCheckpoints
import ZerOInitializers
import ZerOInspection
import ZerONamePatterns
import ZerOParallelism
import ZerOSpectra

@Suite struct MatrixReadingTests {
  /// Irregular numbers, or the sum of `rank` outer products of such vectors.
  private func numbers(_ rows: Int, _ columns: Int, rank: Int? = nil, seed: Int = 0)
    -> ContiguousArray<Float>
  {
    func number(_ index: Int) -> Float { Float((index + 31 * seed + 7) * 7919 % 1009) / 1009 - 0.5 }
    return ContiguousArray(
      (0..<rows * columns).map { index in
        guard let rank else { return number(index) }
        let (i, j) = (index / columns, index % columns)
        return (0..<rank).reduce(0) { $0 + number(i * rank + $1) * number(4001 + j * rank + $1) }
      })
  }

  private func inspect(
    _ tensors: [NamedTensor], _ layouts: TensorLayouts = TensorLayouts(),
    minus baseline: Baseline = .nothing, metadata: [String: String] = [:],
    selected: [String] = []
  ) async throws -> CheckpointInspection {
    try await withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("m.safetensors")
      try Data(Safetensors.encode(tensors, metadata: metadata)).write(to: url)
      return try await CheckpointInspection(
        try TensorArchive(url.path), TensorSelection(selected: selected.map(NamePattern.init)),
        InspectionSettings(baseline: baseline, layouts: layouts), on: WorkerPool(threads: 2))
    }
  }

  /// Each name with its rank, or `-`.
  private func ranks(_ inspection: CheckpointInspection) -> [String] {
    inspection.tensors.map { tensor in
      tensor.name + " "
        + (tensor.findings.map { "\($0.rank.rank) of \($0.spectrum.values.count)" } ?? "-")
    }
  }

  private func experts(_ name: String, rank: Int = 1) -> NamedTensor {
    NamedTensor(
      name: name, shape: [3, 8, 16],
      values: ContiguousArray((0..<3).flatMap { numbers(8, 16, rank: rank, seed: $0) }))
  }

  @Test func `stacked experts are ranked separately`() async throws {
    let name = "mlp.experts.gate_up_proj"
    let inspection = try await inspect([experts(name)])
    #expect(ranks(inspection) == (0..<3).map { "\(name)[\($0)] 1 of 8" })
    #expect(inspection.deficient(below: 0.9).count == 3)
    #expect(inspection.notes == ["stacked matrices, ranked separately: \(name)"])
    // Four dimensions, as for stacked layers.
    let layers = NamedTensor(
      name: "experts/wi", shape: [2, 3, 8, 16],
      values: experts("").values + experts("", rank: 2).values)
    let four = try await inspect([layers], TensorLayouts(.jax))
    #expect(
      ranks(four) == (0..<2).flatMap { i in (0..<3).map { "experts/wi[\(i),\($0)] \(i + 1) of 8" } }
    )
    // One matrix by its own name, and all by the name of the tensor.
    #expect(try await ranks(inspect([experts(name)], selected: ["\(name)[1]"])).count == 1)
    #expect(try await ranks(inspect([experts(name)], selected: [name])).count == 3)
  }

  @Test func `a baseline is subtracted from stacked experts one by one`() async throws {
    try await withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("start.safetensors")
      try Data(Safetensors.encode([experts("experts.w")])).write(to: url)
      var values = experts("experts.w").values
      for index in 128..<256 { values[index] += Float(index / 16) * Float(index % 16 + 1) }
      let inspection = try await inspect(
        [NamedTensor(name: "module.experts.w", shape: [3, 8, 16], values: values)],
        minus: .archive(try TensorArchive(url.path)))
      #expect(inspection.tensors.map { $0.findings?.rank.rank } == [0, 1, 0])
    }
  }

  @Test(arguments: [TensorLayouts(), TensorLayouts(.torch), TensorLayouts(.jax)])
  func `Flax's attention is read as projections into and out of heads`(layouts: TensorLayouts)
    async throws
  {
    let inspection = try await inspect(
      [
        NamedTensor(
          name: "attention/query/kernel", shape: [16, 4, 4], values: numbers(16, 16, rank: 3)),
        NamedTensor(name: "b/out/kernel", shape: [4, 4, 16], values: numbers(16, 16, rank: 5)),
        // Recognized by its bias with one row per head.
        NamedTensor(name: "c.w_in", shape: [16, 4, 4], values: numbers(16, 16, rank: 2)),
        NamedTensor(name: "c.bias", shape: [4, 4], values: numbers(4, 4)),
        // Stacked layers, and three projections in one tensor: none is a kernel.
        NamedTensor(name: "d/query/kernel", shape: [2, 8, 4, 4], values: numbers(16, 16)),
        NamedTensor(name: "kv_einsum/w", shape: [2, 4, 8, 4], values: numbers(16, 16)),
      ], layouts)
    #expect(
      ranks(inspection) == [
        "attention/query/kernel 3 of 16", "b/out/kernel 5 of 16", "c.bias 4 of 4",
        "c.w_in 2 of 16", "d/query/kernel -", "kv_einsum/w -",
      ])
    #expect(inspection.tensors.allSatisfy { !inspection.dependsOnLayout($0) })
    #expect(
      inspection.notes == [
        "attention weights, read as in x heads*width or heads*width x out: attention/query/kernel, b/out/kernel, c.w_in"
      ])
  }

  @Test func `three dimensions are a convolution if name or bias shows it`() async throws {
    let three = ContiguousArray(numbers(6, 12))
    func tensor(_ name: String) -> NamedTensor {
      NamedTensor(name: name, shape: [6, 4, 3], values: three)
    }
    let tensors = [
      "conv.weight", "a.weight", "pos_embed", "convnext.cls_token", "mix.weight", "moe_w1",
      "ups.0.weight",
    ].map(tensor)
    let biases = [
      NamedTensor(name: "a.bias", vector: [1, 2, 3, 4, 5, 6]),
      NamedTensor(name: "ups.0.bias", vector: [1, 2, 3, 4]),
    ]
    let inspection = try await inspect(tensors + biases)
    #expect(
      ranks(inspection).filter { !$0.contains("bias") } == [
        "a.weight 6 of 6", "conv.weight 6 of 6", "convnext.cls_token -", "mix.weight -", "moe_w1 -",
        "pos_embed -",
        "ups.0.weight 6 of 6",
      ])
    #expect(
      inspection.notes == [
        "transposed convolutions by their biases, read as in x out*k: ups.0.weight"
      ])
    guard
      case .leftOut(let reason) = inspection.tensors.first(where: { $0.name == "moe_w1" })?.outcome
    else { return }
    #expect(reason.hasPrefix("3 dimensions, not recognized as a convolution (--stack ranks each"))
    // The user states the kinds of the tensors.
    var layouts = TensorLayouts()
    layouts.stacks = [NamePattern("moe*"), NamePattern("conv.weight")]
    layouts.convolutions = [NamePattern("pos_embed")]
    let told = try await inspect(tensors + biases, layouts, selected: ["moe*", "pos*", "conv.*"])
    let parts = ["conv.weight", "moe_w1"].flatMap { name in (0..<6).map { "\(name)[\($0)]" } }
    #expect(told.tensors.map(\.name) == parts + ["pos_embed"])
    #expect(told.tensors.map { $0.findings?.columns } == parts.map { _ in 3 } + [12])
    layouts.stacks = [NamePattern("mow")]
    await #expect {
      _ = try await self.inspect(tensors, layouts)
    } throws: {
      (($0 as? InspectionError)?.description ?? "").contains("no tensor is named 'mow'")
    }
    layouts.stacks = [NamePattern("moe*")]
    layouts.convolutions = [NamePattern("*w1")]
    await #expect {
      _ = try await self.inspect(tensors, layouts)
    } throws: {
      (($0 as? InspectionError)?.description ?? "")
        .hasSuffix("'moe_w1' matches both --stack and --convolution; name it in only one of them")
    }
  }

  @Test func `the layout comes from the metadata, with a note`() async throws {
    // The identity at the center tap of a convolution whose inputs are the last dimension.
    let values = ContiguousArray(
      (0..<4 * 9 * 4).map { Float($0 / 36 == $0 % 4 && $0 / 4 % 9 == 4 ? 1 : 0) })
    let tensors = [NamedTensor(name: "conv.weight", shape: [4, 3, 3, 4], values: values)]
    func inspection(_ format: String) async throws -> CheckpointInspection {
      let metadata = ["format": format]
      return try await inspect(
        tensors, TensorLayouts(metadata: metadata), minus: try Baseline("identity"),
        metadata: metadata)
    }
    let told = try await inspection("mlx")
    #expect(told.tensors[0].findings?.rank.rank == 0)
    #expect(
      told.notes == [
        "layout mlx, from the file's metadata (format: mlx); --layout overrides it"
      ])
    let other = try await inspection("pt")
    #expect(other.tensors[0].findings?.rank.rank != 0 && other.notes.isEmpty)
  }

  @Test func `recorded initial values are subtracted instead of the initializer's`() async throws {
    func identity(_ rows: Int, _ columns: Int) -> [Float] {
      (0..<rows * columns).map { $0 / columns == $0 % columns ? 1 : 0 }
    }
    var tensors = [
      NamedTensor(name: "branch", shape: [4, 4], values: ContiguousArray(repeating: 0, count: 16)),
      NamedTensor(
        name: "query", shape: [6, 4],
        values: ContiguousArray((0..<24).map { $0 / 4 == $0 % 4 ? 1 : 0 })),
      NamedTensor(
        name: "qkv", shape: [12, 4],
        values: ContiguousArray(identity(4, 4) + [Float](repeating: 0, count: 32))),
      NamedTensor(name: "embedding", shape: [4, 4], values: numbers(4, 4)),
      NamedTensor(name: "lengths", shape: [4, 1], values: [1, 1, 1, 1]),
      NamedTensor(
        name: "gates", shape: [8, 4], values: ContiguousArray(identity(4, 4) + identity(4, 4))),
      NamedTensor(name: "dense", shape: [4, 4], values: ContiguousArray(identity(4, 4))),
    ]
    func inspection(_ initializer: String) async throws -> CheckpointInspection {
      let record = InitializationRecord(
        initializer: initializer, rules: "gpt2", seed: "1",
        treatments: [
          "branch": "zeros", "query": "identity", "qkv": "identity | zeros | zeros",
          "embedding": "keep", "dense": "matrix", "lengths": "norms", "gates": "2 matrices",
        ])
      return try await inspect(
        tensors, minus: try Baseline("ZerO"),
        metadata: [InitializationRecord.metadataKey: try record.text()])
    }
    let own = try await inspection("ZerO")
    #expect(
      ranks(own) == [
        "branch 0 of 4", "dense 0 of 4", "embedding -", "gates 0 of 4", "lengths -", "qkv 0 of 4",
        "query 0 of 4",
      ])
    #expect(
      own.notes == [
        "the file's metadata list other initial values for some tensors, which are subtracted instead of "
          + "ZerO (2 matrices: 1, identity: 1, identity | zeros | zeros: 1, zeros: 1)"
      ])
    let other = try await inspection("OnE")
    #expect(other.notes == ["the file's metadata say that init used OnE"])
    #expect(ranks(other).contains("branch 4 of 4"))
    // In × out, and without a record.
    tensors = [
      NamedTensor(
        name: "qkv", shape: [4, 12],
        values: ContiguousArray((0..<48).map { $0 / 12 == $0 % 12 ? 1 : 0 }))
    ]
    let record = InitializationRecord(
      initializer: "ZerO", rules: "gpt2", seed: "1",
      treatments: ["qkv": "identity | zeros | zeros"])
    let turned = try await inspect(
      tensors, TensorLayouts(.jax), minus: try Baseline("ZerO"),
      metadata: [InitializationRecord.metadataKey: try record.text()])
    #expect(ranks(turned) == ["qkv 0 of 4"])
    let plain = try await inspect(tensors, TensorLayouts(.jax), minus: try Baseline("ZerO"))
    #expect(ranks(plain) != ["qkv 0 of 4"] && plain.notes.isEmpty)
  }

  @Test(arguments: [
    ("identity | zeros | zeros", nil, nil), ("3 matrices", nil, nil), ("matrix", "other", nil),
    ("matrix", nil, "0 of 4"), ("matrix", "torch", "0 of 4"),
  ])
  func `a record that doesn't fit the tensor is ignored`(
    treatment: String, layout: String?, rank: String?
  ) async throws {
    let record = InitializationRecord(
      initializer: "Partial_Identity", rules: "generic", seed: "0", treatments: ["w": treatment],
      layout: layout)
    let identity = ContiguousArray<Float>((0..<16).map { $0 % 5 == 0 ? 1 : 0 })
    let inspection = try await inspect(
      [NamedTensor(name: "w", shape: [4, 4], values: identity)], minus: try Baseline("identity"),
      metadata: [InitializationRecord.metadataKey: try record.text()])
    #expect(ranks(inspection) == ["w \(rank ?? "-")"])
  }

  @Test(arguments: ["{", "{}", #"{"initializer":"ZerO"}"#])
  func `a damaged record of init causes a note`(record: String) async throws {
    let inspection = try await inspect(
      [NamedTensor(name: "w", shape: [4, 4], values: numbers(4, 4))],
      minus: try Baseline("ZerO"), metadata: [InitializationRecord.metadataKey: record])
    #expect(
      inspection.notes == [
        "the record of init in the file's metadata ('zerolab.initialized') is damaged, so "
          + "ZerO is subtracted from every tensor"
      ])
  }

  @Test func `a whole name is literal for stacks and kernels, too`() async throws {
    let tensors = ["w[0]", "w0"].map {
      NamedTensor(name: $0, shape: [2, 3, 4], values: numbers(6, 4))
    }
    var layouts = TensorLayouts()
    layouts.stacks = [NamePattern("w[0]")]
    #expect(
      ranks(try await inspect(tensors, layouts)) == ["w0 -", "w[0][0] 3 of 3", "w[0][1] 3 of 3"])
    layouts.stacks = []
    layouts.convolutions = [NamePattern("w[0]")]
    #expect(ranks(try await inspect(tensors, layouts)) == ["w0 -", "w[0] 2 of 2"])
  }

  @Test func `a matrix has no known initial values if init treated its stack as one weight`()
    async throws
  {
    let name = "mlp.experts.w1"
    for (treatment, rank) in [("matrix", "-"), ("identity", "-"), ("zeros", "0 of 8")] {
      let record = InitializationRecord(
        initializer: "ZerO", rules: "generic", seed: "0", treatments: [name: treatment])
      let zeros = NamedTensor(
        name: name, shape: [3, 8, 16], values: ContiguousArray(repeating: 0, count: 384))
      let inspection = try await inspect(
        [zeros], minus: try Baseline("ZerO"),
        metadata: [InitializationRecord.metadataKey: try record.text()])
      #expect(ranks(inspection) == (0..<3).map { "\(name)[\($0)] \(rank)" }, "\(treatment)")
    }
  }

  @Test func `Keras's depthwise kernel is ranked with one row per tap`() async throws {
    let kernel = NamedTensor(
      name: "sep/depthwise_kernel:0", shape: [3, 3, 4, 1], values: numbers(9, 4))
    let inspection = try await inspect([kernel], TensorLayouts(.jax))
    #expect(ranks(inspection) == ["sep/depthwise_kernel:0 4 of 4"])
  }
}
