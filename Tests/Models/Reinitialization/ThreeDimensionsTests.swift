// Tensors of three dimensions: convolutions by their names, and ambiguous ones.

import TestSupport
import Testing
import ZerOCheckpoints
import ZerOInitializers

@testable import ZerOReinitialization

@Suite struct ThreeDimensionsTests {
  private func plan(_ tensors: [MadeTensor], _ overrides: [TensorRule] = []) throws
    -> ReinitializationPlan
  {
    try withModel(tensors) { model, _ in
      try ReinitializationPlan(
        model, initializer: try InitializerCatalog.builtIn.entry(named: "ZerO"),
        overrides: Overrides(overrides), layout: .jax)
    }
  }

  @Test func `three dimensions are a convolution if the name contains conv`() throws {
    let plan = try plan([
      MadeTensor("conv.weight", [6, 4, 3]), MadeTensor("Conv_0/kernel", [3, 4, 6]),
      MadeTensor("pos_conv1d.weight", [6, 4, 3]), MadeTensor("l.dwconv.weight", [6, 4, 3]),
      MadeTensor("a.weight", [6, 4, 3, 3]), MadeTensor("b.weight", [6, 4, 3, 3, 3]),
    ])
    #expect(plan.assignments.allSatisfy { $0.treatment == .convolution })
    #expect(plan.remarks.isEmpty)
  }

  @Test(arguments: [false, true])
  func `others are kept with a remark`(isLlama: Bool) throws {
    // Flax's attention: inputs x heads x width.
    let attention = [
      MadeTensor("Attention_0/query/kernel", [32, 4, 8]),
      MadeTensor("Attention_0/query/bias", [4, 8]),
      MadeTensor("Attention_0/out/kernel", [4, 8, 32]), MadeTensor("Attention_0/out/bias", [32]),
    ]
    let llama = [
      MadeTensor("model.layers.0.self_attn.q_proj.weight", [4, 4]),
      MadeTensor("model.embed_tokens.weight", [9, 4]),
    ]
    let tensors = attention + (isLlama ? llama : [])
    let plan = try plan(tensors)
    #expect(plan.rules.name == (isLlama ? "llama" : "generic"))
    #expect(plan.assignments.prefix(4).map(\.treatment) == [.keep, .keep, .keep, .zeros])
    #expect(
      plan.remarks.map(\.description) == [
        "tensors of three dimensions keep their values (such as 'Attention_0/query/kernel'), since "
          + "neither 'conv' in their names nor a bias shows a convolution; --matrix reads them as "
          + "outputs x all other dimensions, --keep silences this note"
      ])
    let own = [TensorRule("*query*", .keep), TensorRule("*out/kernel", .matrix)]
    let told = try self.plan(tensors, own)
    #expect(told.remarks.isEmpty && told.assignments[2].treatment == .matrix)
  }

  @Test func `other tensors of three dimensions need no remark`() throws {
    let plan = try plan([
      MadeTensor("steps", [2, 3, 4], "I64"), MadeTensor("none", [0, 3, 4]),
      MadeTensor("cls_token", [1, 1, 4]), MadeTensor("l.experts.gate", [2, 3, 4]),
    ])
    #expect(plan.assignments.allSatisfy { $0.treatment == .keep })
    #expect(plan.remarks == [.kept(.stackedExperts, tensor: "l.experts.gate")])
  }
}
