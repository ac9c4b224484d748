// Low-rank adapters of PEFT and MLX, compared with products computed element by element.

import Foundation
import TestSupport
import Testing
import ZerOLinearAlgebra

@testable import ZerOCheckpoints

@Suite struct AdapterTests {
  /// A tensor of small whole numbers, so products are exact.
  private func tensor(_ name: String, _ shape: [Int]) -> NamedTensor {
    NamedTensor(
      name: name, shape: shape,
      values: ContiguousArray(
        (0..<shape.reduce(1, *)).map { Float(($0 * $0 + 3 * $0 + name.utf8.count) % 9 - 4) }))
  }

  /// Opens an adapter with some tensors and a configuration.
  private func withAdapter(
    _ tensors: [NamedTensor], _ configuration: String?,
    _ body: (TensorArchive) throws -> Void
  ) throws {
    try withTemporaryFolder { folder in
      try Data(Safetensors.encode(tensors))
        .write(to: folder.appendingPathComponent("adapter_model.safetensors"))
      if let configuration {
        try Data(configuration.utf8)
          .write(to: folder.appendingPathComponent("adapter_config.json"))
      }
      try body(try TensorArchive(folder.path).resolvingAdapter())
    }
  }

  /// Σ_k b(i, k)·a(k, j)·scale for factors in PyTorch's order.
  private func product(
    _ rows: Int, _ columns: Int, rank: Int, scale: Double,
    _ element: (_ i: Int, _ k: Int, _ j: Int) -> Float
  ) -> ContiguousArray<Double> {
    var values: ContiguousArray<Double> = []
    for i in 0..<rows {
      for j in 0..<columns {
        values.append(scale * (0..<rank).reduce(0) { $0 + Double(element(i, $1, j)) })
      }
    }
    return values
  }

  /// The factors of one dense layer, 7 × 5, of rank 2.
  private var factors: [NamedTensor] {
    [
      tensor("base_model.model.l1.lora_A.weight", [2, 5]),
      tensor("base_model.model.l1.lora_B.weight", [7, 2]),
    ]
  }

  private func expected(_ scale: Double) -> ContiguousArray<Double> {
    let (a, b) = (factors[0].values, factors[1].values)
    return product(7, 5, rank: 2, scale: scale) { i, k, j in b[2 * i + k] * a[5 * k + j] }
  }

  @Test(
    arguments: [
      (#"{"peft_type":"LORA","r":2,"lora_alpha":16}"#, 8.0),
      (#"{"r":2,"lora_alpha":3,"use_rslora":true}"#, 3 / 2.0.squareRoot()),
      (#"{"r":2,"lora_alpha":16,"alpha_pattern":{"l1":4,"l2":6}}"#, 2.0),
      (#"{"r":8,"lora_alpha":16,"rank_pattern":{"l\\d":2}}"#, 8.0),
      (#"{"r":2,"lora_alpha":16,"alpha_pattern":{"l":4,"1":6,"xl1":6}}"#, 8.0),
    ])
  func `a dense layer changes by alpha/r*B*A`(configuration: String, scale: Double) throws {
    try withAdapter(factors, configuration) { adapter in
      #expect(adapter.tensors.map(\.name) == ["l1.weight"])
      let change = adapter.tensors[0]
      #expect(change.shape == [7, 5] && change.type == "F64" && change.format == .float64)
      let matrix: Matrix<Double> = try change.matrix(rows: 7, columns: 5)
      #expect(matrix.elements == expected(scale))
      #expect(
        adapter.notes == ["an adapter: 1 weight change s*B*A, computed in F64 from its factors"])
    }
  }

  @Test func `a range of a product has the bytes of the whole`() throws {
    try withAdapter(factors, #"{"r":2,"lora_alpha":2}"#) { adapter in
      let change = adapter.tensors[0]
      let whole = try change.source.bytes(0..<280)
      for range in [0..<8, 3..<100, 40..<80, 41..<41, 271..<280] {
        #expect(try change.source.bytes(range) == Array(whole[range]))
      }
    }
  }

  @Test func `fan_in_fan_out transposes the change of a dense layer`() throws {
    try withAdapter(factors, #"{"r":2,"lora_alpha":2,"fan_in_fan_out":true}"#) { adapter in
      #expect(adapter.tensors[0].shape == [5, 7])
      let matrix: Matrix<Double> = try adapter.tensors[0].matrix(rows: 5, columns: 7)
      #expect(matrix.transposed.elements == expected(1))
    }
  }

  @Test func `an embedding and a convolution have the shapes of their weights`() throws {
    let (a, b) = (tensor("e.lora_embedding_A", [2, 6]), tensor("e.lora_embedding_B", [3, 2]))
    let first = tensor("c.lora_A.default.weight", [2, 3, 2, 2])
    let second = tensor("c.lora_B.default.weight", [4, 2, 1, 1])
    try withAdapter([a, b, first, second], #"{"r":2,"lora_alpha":4}"#) { adapter in
      #expect(adapter.tensors.map(\.name).sorted() == ["c.weight", "e.weight"])
      let embedding = try #require(adapter["e.weight"])
      #expect(embedding.shape == [6, 3])
      let rows: Matrix<Double> = try embedding.matrix(rows: 6, columns: 3)
      #expect(
        rows.elements
          == product(6, 3, rank: 2, scale: 2) { i, k, j in a.values[6 * k + i] * b.values[2 * j + k]
          })
      let convolution = try #require(adapter["c.weight"])
      #expect(convolution.shape == [4, 3, 2, 2])
      let kernel: Matrix<Double> = try convolution.matrix(rows: 4, columns: 12)
      #expect(
        kernel.elements
          == product(4, 12, rank: 2, scale: 2) { i, k, j in
            second.values[2 * i + k] * first.values[12 * k + j]
          })
    }
  }

  @Test func `MLX stores both factors transposed and names the scale`() throws {
    let (a, b) = (tensor("model.q_proj.lora_a", [5, 2]), tensor("model.q_proj.lora_b", [2, 7]))
    let configuration =
      #"{"fine_tune_type":"lora","lora_parameters":{"rank":2,"scale":20.0,"dropout":0.0}}"#
    try withAdapter([a, b], configuration) { adapter in
      #expect(adapter.tensors.map(\.name) == ["model.q_proj.weight"])
      let matrix: Matrix<Double> = try adapter.tensors[0].matrix(rows: 7, columns: 5)
      #expect(
        matrix.elements
          == product(7, 5, rank: 2, scale: 20) { i, k, j in
            a.values[2 * j + k] * b.values[7 * k + i]
          })
    }
  }

  @Test func `other tensors of an adapter are left out and named`() throws {
    let others = [
      tensor("base_model.model.l1.lora_magnitude_vector", [7]),
      tensor("base_model.model.classifier.weight", [2, 7]),
      tensor("base_model.model.l1.lora_B.bias", [7]),
      tensor("base_model.model.l2.lora_A.weight", [2, 5]),
      tensor("base_model.model.l3.lora_A.weight", [3, 5]),
      tensor("base_model.model.l3.lora_B.weight", [7, 2]),
    ]
    try withAdapter(factors + others, #"{"r":2,"lora_alpha":2,"use_dora":true}"#) { adapter in
      #expect(adapter.tensors.map(\.name) == ["l1.weight"])
      #expect(
        adapter.notes.dropFirst() == [
          "left out, magnitudes of DoRA, which rescale the adapted weight as well: "
            + "base_model.model.l1.lora_magnitude_vector",
          "left out, no pair of low-rank factors: base_model.model.classifier.weight, "
            + "base_model.model.l1.lora_B.bias, base_model.model.l2.lora_A.weight and 2 more",
        ])
    }
  }

  @Test func `without a configuration or factors, a model stays as it is`() throws {
    try withAdapter(factors, nil) { archive in
      #expect(archive.tensors.count == 2)
      #expect(archive.notes.count == 1 && archive.notes[0].contains("adapter_config.json"))
    }
    try withAdapter([tensor("l1.weight", [2, 2])], "{}") {
      #expect($0.tensors.count == 1 && $0.notes.isEmpty)
    }
  }

  @Test(
    arguments: [
      (#"{"r":2}"#, "no r or no lora_alpha"),
      (#"{"r":4,"lora_alpha":8}"#, "r is 4 for 'l1', whose factors have the rank 2"),
      (#"["r"]"#, "not a JSON object with r and lora_alpha"),
      (#"{"r":"2"}"#, "not a JSON object with r and lora_alpha"),
      (#"{"peft_type":"LOHA","r":2}"#, "an adapter of type LOHA; only LORA is known"),
      (
        #"{"r":2,"lora_alpha":8,"alpha_pattern":{"(a+)+$":1}}"#,
        #"the pattern '(a+)+$'; only names with . * + \. \d and [0-9] are known"#
      ),
      (
        #"{"r":2,"lora_alpha":8,"alpha_pattern":{"l1":1,"l.":3}}"#, "'l1' matches 'l.' and 'l1'"
      ),
    ])
  func `an invalid configuration is an error that names it`(text: String, reason: String) throws {
    #expect {
      try withAdapter(factors, text) { _ in }
    } throws: { error in
      guard case .malformed(let path, "adapter configuration", reason) = error as? TensorFileError
      else { return false }
      return path.hasSuffix("/adapter_config.json")
    }
  }

  @Test func `factors without values and products beyond 64 bits are left out`() throws {
    let empty = [tensor("l.lora_A.weight", [0, 5]), tensor("l.lora_B.weight", [7, 0])]
    try withAdapter(empty, #"{"r":0,"lora_alpha":2}"#) { #expect($0.tensors.isEmpty) }
  }

  @Test func `module patterns match whole names and their ends after a dot`() throws {
    for (pattern, matching, other) in [
      ("q_proj", ["q_proj", "a.q_proj"], ["aq_proj", "q_proj.b", ""]),
      (#"layers\.[0-9]+\.q"#, ["layers.0.q", "m.layers.12.q"], ["layersx0.q", "layers..q"]),
      (".*", ["a", "a.b"], []), ("a.*b+", ["ab", "xy.a.c.bb"], ["ba", "a"]),
      (#"^l\d$"#, ["l1", "x.l1"], ["l12", "lx"]),
    ] {
      let parsed = try #require(ModulePattern(pattern))
      for name in matching { #expect(parsed.matches(name), "\(pattern) \(name)") }
      for name in other { #expect(!parsed.matches(name), "\(pattern) \(name)") }
    }
    for pattern in ["a|b", "(a)", "*", "a**", "a?", "[a-z]", #"a\"#, #"\w"#, "a{2}"] {
      #expect(ModulePattern(pattern) == nil, "\(pattern)")
    }
    // Exponential for a backtracking matcher.
    let slow = try #require(ModulePattern(String(repeating: "a*", count: 40) + "b"))
    #expect(!slow.matches(String(repeating: "a", count: 200)))
  }
}
