// Token embeddings that a file contains twice, or under another name.

import TestSupport
import Testing
import ZerOCheckpoints

@testable import ZerOReinitialization

@Suite struct TiesTests {
  private func llama(table: NamedTensor?, head: NamedTensor) -> [NamedTensor] {
    ["q", "k", "v", "o"].map { wave("model.layers.0.self_attn.\($0)_proj.weight", [8, 8]) }
      + [NamedTensor(name: "model.norm.weight", vector: [1, 1])]
      + [table, head].compactMap { $0 }
  }

  private static func own(_ model: TensorArchive) throws -> ReinitializationPlan {
    try plan(model, "ZerO", [TensorRule("lm_head.weight", .matrix)])
  }

  private let table = wave("model.embed_tokens.weight", [20, 8])

  @Test func `an output head equal to the token embedding is kept with it`() throws {
    let head = wave("lm_head.weight", [20, 8])
    try withModel(of: llama(table: table, head: head)) { model, folder in
      let plan = try plan(model)
      #expect(plan.rules.name == "llama")
      #expect(
        plan.remarks == [.tied(tensor: "lm_head.weight", with: "model.embed_tokens.weight")])
      let new = try newValues(of: plan, in: folder)
      #expect(new["lm_head.weight"] == head.values && new[table.name] == table.values)
      // The user's rule takes precedence.
      let own = try Self.own(model)
      #expect(own.remarks.isEmpty && own.assignments[0].treatment == .matrix)
    }
  }

  @Test func `tensors that differ, or are constant, are not tied`() throws {
    var values = table.values
    values[159] = values[159].nextUp
    let other = NamedTensor(name: "lm_head.weight", shape: [20, 8], values: values)
    let turned = NamedTensor(name: "lm_head.weight", shape: [8, 20], values: table.values)
    for head in [other, turned] {
      try withModel(of: llama(table: table, head: head)) { model, _ in
        let plan = try plan(model)
        #expect(plan.assignments[0].treatment == .matrix && plan.remarks.isEmpty)
      }
    }
    let zeros = ContiguousArray<Float>(repeating: 0, count: 160)
    let constants = [table.name, "lm_head.weight"].map {
      NamedTensor(name: $0, shape: [20, 8], values: zeros)
    }
    try withModel(of: llama(table: constants[0], head: constants[1])) { model, _ in
      let plan = try plan(model)
      #expect(plan.assignments[0].treatment == .matrix)
    }
  }

  @Test func `a copy of a tensor that the user keeps follows its own rule`() throws {
    let tensors = ["a.weight", "b.weight"].map { wave($0, [4, 4]) }
    try withModel(of: tensors) { model, _ in
      let plan = try plan(model, "ZerO", [TensorRule("a.weight", .keep)])
      #expect(plan.assignments.map(\.treatment) == [.keep, .matrix])
    }
  }

  @Test func `embeddings with equal beginnings are told apart by their ends`() throws {
    var values = wave("", [400, 8]).values
    let head = NamedTensor(name: "lm_head.weight", shape: [400, 8], values: values)
    values[3199] += 1
    let other = NamedTensor(name: "model.embed_tokens.weight", shape: [400, 8], values: values)
    for (table, treatment) in [(other, Treatment.matrix), (head.renamed(other.name), .keep)] {
      try withModel(of: llama(table: table, head: head)) { model, _ in
        let plan = try plan(model)
        #expect(plan.assignments[0].treatment == treatment)
      }
    }
  }

  @Test func `an embedding stored under the head's name is kept because of the metadata`() throws {
    let tensors = llama(table: nil, head: wave("lm_head.weight", [20, 8]))
    let metadata = ["format": "pt", "model.embed_tokens.weight": "lm_head.weight"]
    try withModel(of: tensors, metadata: metadata) { model, _ in
      let plan = try plan(model)
      #expect(plan.rules.name == "llama" && plan.assignments[0].treatment == .keep)
      #expect(
        plan.remarks == [.tied(tensor: "lm_head.weight", with: "model.embed_tokens.weight")])
    }
    try withModel(of: tensors) { model, _ in
      let plan = try plan(model)
      #expect(plan.assignments[0].treatment == .matrix)
    }
  }
}
