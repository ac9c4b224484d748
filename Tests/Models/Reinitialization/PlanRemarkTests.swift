// Remarks on the guesses of a plan.

import TestSupport
import Testing
import ZerOCheckpoints
import ZerOInitializers

@testable import ZerOReinitialization

@Suite struct PlanRemarkTests {
  @Test func `an assumed layout causes a remark if names show another one`() throws {
    func remarks(_ names: [String], _ layout: TensorLayout?, keep: String = "c.bias") throws
      -> [PlanRemark]
    {
      try withModel(names.map { MadeTensor($0, [4, 4]) } + [MadeTensor("c.bias", [2])]) {
        model, _ in
        try ReinitializationPlan(
          model, initializer: try InitializerCatalog.builtIn.entry(named: "ZerO"),
          overrides: Overrides([TensorRule(keep, .keep)]), layout: layout
        ).remarks
      }
    }
    for name in ["params/Dense_0/kernel", "Dense_0.kernel", "kernel", "sep/depthwise_kernel:0"] {
      let remark = PlanRemark.outputsProbablyLast(tensor: name)
      #expect(try remarks(["a.weight", name], nil) == [remark])
      #expect(remark.description.contains("--layout jax") && remark.description.contains(name))
      for layout in TensorLayout.allCases { #expect(try remarks([name], layout).isEmpty) }
      #expect(try remarks([name], nil, keep: "*kernel*").isEmpty)
    }
    #expect(try remarks(["a.weight", "kernels"], nil).isEmpty)
  }

  private func remarks(
    _ names: [String], rules: String? = nil, overrides: [TensorRule] = []
  ) throws -> [PlanRemark] {
    try withModel(names.map { MadeTensor($0, [4, 4]) }) { model, _ in
      try ReinitializationPlan(
        model, initializer: try InitializerCatalog.builtIn.entry(named: "ZerO"),
        rules: try rules.map(RuleSet.named), overrides: Overrides(overrides)
      ).remarks
    }
  }

  @Test(arguments: [
    "encoder.block.0.layer.0.SelfAttention.q.weight", "resblocks.0.attn.in_proj_weight",
    "layers.0.self_attn.q_proj.weight", "blocks.1.attn1.to_q.weight", "layers.0.Wqkv.weight",
    "h.0.self_attention.query_key_value.weight",
  ])
  func `attention treated by shape causes a remark`(name: String) throws {
    #expect(
      try remarks(["a.weight", name]) == [.attentionByShape(tensor: name, rules: "generic")])
    // An explicit rule set or rule silences the remark.
    #expect(try remarks([name], rules: "generic").isEmpty)
    #expect(try remarks(["a.weight", name], overrides: [TensorRule(name, .zeros)]).isEmpty)
  }

  @Test func `attention outside a family's rules causes a remark`() throws {
    let llama = ["model.layers.0.self_attn.q_proj.weight", "model.embed_tokens.weight"]
    #expect(try remarks(llama).isEmpty)
    let other = "model.layers.1.linear_attn.in_proj.weight"
    let remark = PlanRemark.attentionByShape(tensor: other, rules: "llama")
    #expect(try remarks(llama + [other]) == [remark])
    #expect(
      remark.description.hasPrefix("rules 'llama' don't cover all attention weights, so attention"))
    #expect(
      PlanRemark.attentionByShape(tensor: other, rules: "generic").description
        .hasPrefix("no family's rules fit, so attention"))
  }

  private func texts(_ tensors: [MadeTensor], _ initializer: String, _ overrides: [TensorRule] = [])
    throws -> [String]
  {
    try withModel(tensors) { model, _ in
      try ReinitializationPlan(
        model, initializer: try InitializerCatalog.builtIn.entry(named: initializer),
        overrides: Overrides(overrides), layout: .torch
      ).remarks.map(\.description)
    }
  }

  @Test func `a partial identity with one input causes a remark`() throws {
    let depthwise = [
      MadeTensor("a.weight", [4, 4]), MadeTensor("dw.weight", [6, 1, 3, 3]),
      MadeTensor("conv1d.weight", [6, 1, 3]),
    ]
    let remark =
      "kernels with one input, as in depthwise convolutions, get a partial identity that is 0 except in "
      + "the first output (such as 'dw.weight'); --init IDInit sets a 1 in every output"
    #expect(try texts(depthwise, "Partial_Identity") == [remark])
    #expect(try texts(depthwise, "ZerO", [TensorRule("dw*", .identity)]) == [remark])
    #expect(try texts(depthwise, "ZerO").isEmpty && texts(depthwise, "IDInit").isEmpty)
    let others = [MadeTensor("a.weight", [1, 1, 3, 3]), MadeTensor("b.weight", [6, 2, 3, 3])]
    #expect(try texts(others, "Partial_Identity").isEmpty)
  }

  @Test func `normalizations with Gemma's names cause a remark`() throws {
    let layer = "model.layers.0"
    let llama = [
      MadeTensor("\(layer).self_attn.q_proj.weight", [4, 4]),
      MadeTensor("model.embed_tokens.weight", [9, 4]), MadeTensor("model.norm.weight", [4]),
      MadeTensor("\(layer).post_feedforward_layernorm.weight", [4]),
    ]
    let name = "\(layer).pre_feedforward_layernorm.weight"
    let gemma = llama + [MadeTensor(name, [4])]
    #expect(try texts(llama, "ZerO").isEmpty)
    #expect(
      try texts(gemma, "ZerO") == [
        "normalization weights become 1 (such as '\(name)'), but with Gemma's names they probably "
          + "multiply by 1 + weight; if so, give --zero '*norm.weight'"
      ])
    #expect(try texts(gemma, "ZerO", [TensorRule("*norm.weight", .zeros)]).isEmpty)
  }

  @Test func `LoRA's second factor is 0, and the first needs no remark`() throws {
    let prefix = "base_model.model.model.layers.0.self_attn.q_proj.lora_"
    let tensors = [
      MadeTensor(prefix + "A.weight", [2, 4]), MadeTensor(prefix + "B.weight", [4, 2]),
      MadeTensor(prefix + "B.default.weight", [4, 2]),
    ]
    try withModel(tensors) { model, _ in
      let plan = try ReinitializationPlan(
        model, initializer: try InitializerCatalog.builtIn.entry(named: "ZerO"))
      #expect(plan.assignments.map(\.treatment) == [.matrix, .zeros, .zeros])
      #expect(plan.remarks.isEmpty)
    }
  }

  @Test func `the layout in the metadata is used, with a remark`() throws {
    let tensors = [wave("conv1.weight", [32, 3, 3, 16]), wave("conv1.bias", [32])]
    for (format, layout) in [("mlx", TensorLayout.mlx), ("flax", .jax)] {
      try withModel(of: tensors, metadata: ["format": format]) { model, _ in
        let told = try plan(model)
        #expect(told.assignments[1].layout == layout)
        #expect(told.remarks.first == .layoutOfMetadata(layout))
        #expect(told.remarks.first?.description.contains(layout.rawValue) == true)
        let stated = try plan(model, layout: .torch)
        #expect(stated.assignments[1].layout == .torch && stated.remarks.isEmpty)
      }
    }
    #expect(
      try withModel(of: tensors, metadata: ["format": "pt"]) { model, _ in try plan(model).remarks }
        .isEmpty)
  }

  @Test func `weights that rules set to the identity or 0 cause a remark with other initializers`()
    throws
  {
    let name = "model.layers.0.self_attn.q_proj.weight"
    let tensors = [
      MadeTensor(name, [4, 4]), MadeTensor("model.layers.0.self_attn.v_proj.weight", [2, 4]),
      MadeTensor("model.embed_tokens.weight", [9, 4]), MadeTensor("model.norm.weight", [4]),
      MadeTensor("model.layers.0.self_attn.q_proj.bias", [4]),
    ]
    try withModel(tensors) { model, _ in
      #expect(try plan(model, "ZerO").remarks.isEmpty)
      #expect(try plan(model, "ZerO_Paper_Scale").remarks.isEmpty)
      let random = try plan(model, "Random")
      #expect(
        random.remarks == [
          .rulesBeforeInitializer(tensor: name, rules: "llama", initializer: "Random")
        ])
      #expect(
        random.remarks.first?.description.contains("--plain gives every weight Random") == true)
      let plain = try plan(model, "Random", isPlain: true)
      #expect(plain.remarks.isEmpty)
      #expect(plain.assignments.map(\.treatment) == [.matrix, .matrix, .keep, .ones, .zeros])
    }
  }

  @Test func `a plain model has initialized Q, K, V and branches`()
    throws
  {
    try withModel([
      MadeTensor("h.0.attn.c_attn.weight", [4, 12]), MadeTensor("wte.weight", [9, 4]),
      MadeTensor("h.0.crossattention.c_attn.weight", [4, 8]),
      MadeTensor("h.0.attn.c_attn.lora_B.weight", [12, 2]),
    ]) { model, _ in
      let plain = try plan(model, "Random", isPlain: true)
      #expect(plain.assignments.map(\.treatment) == [.matrices(3), .keep, .matrix, .zeros])
    }
    try withModel([
      MadeTensor("layer1.0.conv1.weight", [4, 4, 3, 3]), MadeTensor("layer1.0.bn1.weight", [4]),
      MadeTensor("layer1.0.conv2.weight", [4, 4, 3, 3]), MadeTensor("layer1.0.bn1.bias", [4]),
    ]) { model, _ in
      let plain = try plan(model, "Random", isPlain: true)
      #expect(plain.assignments.map(\.treatment) == [.convolution, .ones, .convolution, .zeros])
    }
  }

  @Test func `tensors that only look like a layer cause a remark`() throws {
    func remarks(_ tensors: [MadeTensor]) throws -> [PlanRemark] {
      try withModel(tensors) { model, _ in try plan(model).remarks }
    }
    let layers = [
      MadeTensor("a.weight", [8, 4]), MadeTensor("b.weight", [6, 8]), MadeTensor("b.bias", [6]),
      MadeTensor("n.weight", [8]), MadeTensor("n.bias", [8]), MadeTensor("rms.weight", [8]),
      MadeTensor("w", [4, 4]), MadeTensor("Wq", [4, 4]), MadeTensor("x.in_proj", [4, 4]),
    ]
    #expect(try remarks(layers).isEmpty)
    #expect(
      try remarks(layers + [MadeTensor("r_k", [4, 8])]) == [.unnamedWeight(tensor: "r_k")])
    #expect(
      try remarks(layers + [MadeTensor("vocabulary.weight", [50, 8])])
        == [.probableEmbedding(tensor: "vocabulary.weight")])
    #expect(try remarks(layers + [MadeTensor("head.weight", [50, 8])]).isEmpty)
    #expect(
      try remarks(layers + [MadeTensor("net.1.weight", [8])])
        == [.unnamedNormalization(tensor: "net.1.weight")])
    #expect(
      try remarks(layers + [MadeTensor("lambda_q1", [8])])
        == [.unknownKept(tensor: "lambda_q1")])
    #expect(
      try remarks(layers + [MadeTensor("deconv.weight", [8, 4, 2, 2])])
        == [.perhapsTransposed(tensor: "deconv.weight")])
  }
}
