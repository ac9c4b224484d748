// The treatments of each family's tensors by name, on one small block per model.

import TestSupport
import Testing
import ZerOCheckpoints
import ZerOInitializers

@testable import ZerOReinitialization

@Suite struct RuleSetTests {
  private typealias Expected = (name: String, shape: [Int], treatment: Treatment)

  private func expect(_ expected: [Expected], rules name: String) throws {
    try withModel(expected.map { MadeTensor($0.name, $0.shape) }) { model, _ in
      let plan = try ReinitializationPlan(
        model, initializer: try InitializerCatalog.builtIn.entry(named: "ZerO"))
      #expect(plan.rules.name == name)
      for (assignment, expected) in zip(plan.assignments, expected) {
        #expect(
          assignment.treatment == expected.treatment, "\(expected.name): \(assignment.reason)")
      }
    }
  }

  private func normalization(_ name: String) -> [Expected] {
    [
      ("\(name).weight", [4], .ones), ("\(name).bias", [4], .zeros),
      ("\(name).running_mean", [4], .zeros), ("\(name).running_var", [4], .ones),
      ("\(name).num_batches_tracked", [], .zeros),
    ]
  }

  @Test func `a basic block ends in conv2, a bottleneck in conv3`() throws {
    let stem: [Expected] = [("conv1.weight", [4, 3, 7, 7], .convolution)] + normalization("bn1")
    let head: [Expected] = [("fc.weight", [10, 4], .matrix), ("fc.bias", [10], .zeros)]
    let shortcut: [Expected] =
      [("layer2.0.downsample.0.weight", [4, 4, 1, 1], .convolution)]
      + normalization("layer2.0.downsample.1")
    let basic: [Expected] =
      [
        ("layer1.0.conv1.weight", [4, 4, 3, 3], .convolution),
        ("layer1.0.conv2.weight", [4, 4, 3, 3], .zeros),
      ] + normalization("layer1.0.bn1") + normalization("layer1.0.bn2")
    let bottleneck: [Expected] =
      [
        ("layer2.0.conv1.weight", [4, 4, 1, 1], .convolution),
        ("layer2.0.conv2.weight", [4, 4, 3, 3], .convolution),
        ("layer2.0.conv3.weight", [4, 4, 1, 1], .zeros),
      ] + normalization("layer2.0.bn3")
    try expect(stem + basic + bottleneck + shortcut + head, rules: "resnet")
    try expect(
      (stem + basic + head).map { ("backbone." + $0.name, $0.shape, $0.treatment) },
      rules: "resnet")
  }

  private func gpt2(isTurned: Bool, prefix: String) -> [Expected] {
    func matrix(_ inputs: Int, _ outputs: Int) -> [Int] {
      isTurned ? [outputs, inputs] : [inputs, outputs]
    }
    let block: [Expected] = [
      ("h.0.ln_1.weight", [4], .ones), ("h.0.ln_1.bias", [4], .zeros),
      ("h.0.attn.bias", [1, 1, 8, 8], .keep), ("h.0.attn.masked_bias", [], .keep),
      ("h.0.attn.c_attn.weight", matrix(4, 12), .stacked([.identity, .zeros, .zeros])),
      ("h.0.attn.c_attn.bias", [12], .zeros),
      ("h.0.attn.c_proj.weight", matrix(4, 4), .matrix), ("h.0.attn.c_proj.bias", [4], .zeros),
      ("h.0.crossattention.bias", [1, 1, 8, 8], .keep),
      ("h.0.crossattention.q_attn.weight", matrix(4, 4), .identity),
      ("h.0.crossattention.c_attn.weight", matrix(4, 8), .zeros),
      ("h.0.mlp.c_fc.weight", matrix(4, 16), .matrix), ("h.0.mlp.c_fc.bias", [16], .zeros),
      ("h.0.mlp.c_proj.weight", matrix(16, 4), .matrix),
      ("ln_f.weight", [4], .ones), ("ln_f.bias", [4], .zeros),
      ("wte.weight", [9, 4], .keep), ("wpe.weight", [8, 4], .keep),
    ]
    return block.map { (prefix + $0.name, $0.shape, $0.treatment) }
      + [("lm_head.weight", [9, 4], .keep)]
  }

  @Test func `GPT-2's matrices are transposed in one of its two families`() throws {
    for prefix in ["", "transformer."] {
      try expect(gpt2(isTurned: false, prefix: prefix), rules: "gpt2")
      try expect(gpt2(isTurned: true, prefix: prefix), rules: "nanogpt")
    }
  }

  @Test func `a rule set determines the layout of its weights`() throws {
    let (cross, attention) = ("h.0.crossattention.c_attn.weight", "h.0.attn.c_attn.weight")
    try withModel([
      MadeTensor(cross, [4, 8]), MadeTensor(attention, [4, 12]), MadeTensor("wte.weight", [9, 4]),
      MadeTensor("other.weight", [4, 8]),
    ]) { model, _ in
      let plan = try ReinitializationPlan(
        model, initializer: try InitializerCatalog.builtIn.entry(named: "ZerO"))
      #expect(plan.assignments.map(\.layout) == [.jax, .jax, .torch, .torch])
      #expect(plan.assignments[0].treatment == .zeros)
      let names = Set(model.tensors.map(\.name))
      for (set, layout) in [(RuleSet.gpt2, TensorLayout.jax), (.nanoGPT, .torch)] {
        #expect(model[cross].map { set.layout(of: $0, among: names) } == layout)
        #expect(model["other.weight"].map { set.layout(of: $0, among: names) } == .some(nil))
      }
      #expect(model[attention].map { RuleSet.generic.layout(of: $0, among: names) } == .some(nil))
    }
  }

  @Test func `Llama's keys and values may be narrower`() throws {
    let block = "model.layers.0"
    try expect(
      [
        ("model.embed_tokens.weight", [9, 4], .keep),
        ("\(block).self_attn.q_proj.weight", [4, 4], .identity),
        ("\(block).self_attn.q_proj.bias", [4], .zeros),
        ("\(block).self_attn.k_proj.weight", [2, 4], .zeros),
        ("\(block).self_attn.v_proj.weight", [2, 4], .zeros),
        ("\(block).self_attn.o_proj.weight", [4, 4], .matrix),
        ("\(block).self_attn.q_norm.weight", [4], .ones),
        ("\(block).self_attn.rotary_emb.inv_freq", [2], .keep),
        ("\(block).mlp.gate_proj.weight", [6, 4], .matrix),
        ("\(block).mlp.up_proj.weight", [6, 4], .matrix),
        ("\(block).mlp.down_proj.weight", [4, 6], .matrix),
        ("\(block).input_layernorm.weight", [4], .ones),
        ("\(block).post_attention_layernorm.weight", [4], .ones),
        ("\(block).block_sparse_moe.experts.0.w1.weight", [6, 4], .matrix),
        ("model.norm.weight", [4], .ones), ("lm_head.weight", [9, 4], .matrix),
      ], rules: "llama")
  }

  @Test func `Vision Transformers have two sets of names`() throws {
    let block = "encoder.layers.encoder_layer_0"
    try expect(
      [
        ("class_token", [1, 1, 4], .keep), ("conv_proj.weight", [4, 3, 2, 2], .matrix),
        ("conv_proj.bias", [4], .zeros), ("encoder.pos_embedding", [1, 5, 4], .keep),
        ("\(block).ln_1.weight", [4], .ones), ("\(block).ln_1.bias", [4], .zeros),
        (
          "\(block).self_attention.in_proj_weight", [12, 4], .stacked([.identity, .zeros, .zeros])
        ),
        ("\(block).self_attention.in_proj_bias", [12], .zeros),
        ("\(block).self_attention.out_proj.weight", [4, 4], .matrix),
        ("\(block).mlp.0.weight", [16, 4], .matrix), ("\(block).mlp.3.weight", [4, 16], .matrix),
        ("encoder.ln.weight", [4], .ones), ("heads.head.weight", [10, 4], .matrix),
        ("heads.head.bias", [10], .zeros),
      ], rules: "vit")
    let layer = "vit.encoder.layer.0"
    try expect(
      [
        ("vit.embeddings.cls_token", [1, 1, 4], .keep),
        ("vit.embeddings.position_embeddings", [1, 5, 4], .keep),
        ("vit.embeddings.patch_embeddings.projection.weight", [4, 3, 2, 2], .matrix),
        ("\(layer).attention.attention.query.weight", [4, 4], .identity),
        ("\(layer).attention.attention.key.weight", [4, 4], .zeros),
        ("\(layer).attention.attention.value.weight", [4, 4], .zeros),
        ("\(layer).attention.attention.value.bias", [4], .zeros),
        ("\(layer).attention.output.dense.weight", [4, 4], .matrix),
        ("\(layer).intermediate.dense.weight", [16, 4], .matrix),
        ("\(layer).output.dense.weight", [4, 16], .matrix),
        ("\(layer).layernorm_before.weight", [4], .ones), ("vit.layernorm.weight", [4], .ones),
        ("classifier.weight", [10, 4], .matrix),
      ], rules: "vit")
    let current = "vit.layers.0"
    try expect(
      [
        ("vit.embeddings.patch_embeddings.projection.weight", [4, 3, 2, 2], .matrix),
        ("\(current).attention.q_proj.weight", [4, 4], .identity),
        ("\(current).attention.q_proj.bias", [4], .zeros),
        ("\(current).attention.k_proj.weight", [4, 4], .zeros),
        ("\(current).attention.v_proj.weight", [4, 4], .zeros),
        ("\(current).attention.o_proj.weight", [4, 4], .matrix),
        ("\(current).layernorm_before.weight", [4], .ones),
        ("\(current).mlp.fc1.weight", [8, 4], .matrix),
        ("\(current).mlp.fc2.weight", [4, 8], .matrix), ("classifier.weight", [2, 4], .matrix),
      ], rules: "vit")
  }

  @Test func `timm's Vision Transformers have Q, K and V in one tensor`() throws {
    for prefix in ["", "backbone."] {
      let expected: [Expected] = [
        ("cls_token", [1, 1, 4], .keep), ("pos_embed", [1, 5, 4], .keep),
        ("reg_token", [1, 2, 4], .keep),
        ("patch_embed.proj.weight", [4, 3, 2, 2], .matrix), ("patch_embed.proj.bias", [4], .zeros),
        ("blocks.0.norm1.weight", [4], .ones), ("blocks.0.norm1.bias", [4], .zeros),
        ("blocks.0.attn.qkv.weight", [12, 4], .stacked([.identity, .zeros, .zeros])),
        ("blocks.0.attn.qkv.bias", [12], .zeros), ("blocks.0.attn.q_norm.weight", [2], .ones),
        ("blocks.0.attn.proj.weight", [4, 4], .matrix), ("blocks.0.attn.proj.bias", [4], .zeros),
        ("blocks.0.ls1.gamma", [4], .keep), ("blocks.0.norm2.weight", [4], .ones),
        ("blocks.0.mlp.fc1.weight", [16, 4], .matrix), ("blocks.0.mlp.fc1.bias", [16], .zeros),
        ("blocks.0.mlp.fc2.weight", [4, 16], .matrix), ("norm.weight", [4], .ones),
        ("fc_norm.weight", [4], .ones), ("head.weight", [10, 4], .matrix),
        ("head.bias", [10], .zeros),
      ]
      try expect(expected.map { (prefix + $0.name, $0.shape, $0.treatment) }, rules: "vit")
    }
  }

  @Test func `BERT's embeddings are kept, and its decoder with them`() throws {
    let layer = "bert.encoder.layer.0"
    try expect(
      [
        ("bert.embeddings.position_ids", [1, 8], .keep),
        ("bert.embeddings.word_embeddings.weight", [9, 4], .keep),
        ("bert.embeddings.position_embeddings.weight", [8, 4], .keep),
        ("bert.embeddings.LayerNorm.weight", [4], .ones),
        ("bert.embeddings.LayerNorm.beta", [4], .zeros),
        ("\(layer).attention.self.query.weight", [4, 4], .identity),
        ("\(layer).attention.self.key.weight", [4, 4], .zeros),
        ("\(layer).attention.self.value.weight", [4, 4], .zeros),
        ("\(layer).attention.output.dense.weight", [4, 4], .matrix),
        ("\(layer).attention.output.LayerNorm.weight", [4], .ones),
        ("\(layer).intermediate.dense.weight", [16, 4], .matrix),
        ("\(layer).output.dense.weight", [4, 16], .matrix),
        ("\(layer).output.dense.bias", [4], .zeros),
        ("bert.pooler.dense.weight", [4, 4], .matrix),
        ("cls.predictions.decoder.weight", [9, 4], .keep), ("cls.predictions.bias", [9], .zeros),
        ("cls.seq_relationship.weight", [2, 4], .matrix),
        // ELECTRA: a dense layer after the embeddings, and a tied output head.
        ("electra.embeddings_project.weight", [4, 2], .matrix),
        ("electra.embeddings_project.bias", [4], .zeros),
        ("embeddings_project.weight", [4, 2], .matrix),
        ("generator_predictions.dense.weight", [2, 4], .matrix),
        ("generator_lm_head.weight", [9, 2], .keep), ("generator_lm_head.bias", [9], .zeros),
      ], rules: "bert")
  }

  @Test func `any other model is treated by shapes`() throws {
    try expect(
      [
        ("Dense_0/kernel", [4, 6], .matrix), ("Dense_0/bias", [6], .zeros),
        ("Conv_0.kernel", [3, 3, 4, 6], .convolution), ("norm.scale", [6], .ones),
        ("conv.weight", [6, 4, 3], .convolution), ("norm.weight", [6], .ones),
        ("tok_embed.weight", [9, 4], .keep), ("embeddings.norm.weight", [4], .ones),
        ("embedder.conv.weight", [4, 3, 7, 7], .convolution), ("relative_bias", [3, 4], .keep),
        ("temperature", [], .keep), ("steps", [7], .keep), ("six", [1, 1, 1, 1, 1, 1], .keep),
        ("nothing", [0, 4], .keep), ("pos_embed", [1, 5, 4], .keep),
        // ConvNeXt's layer scales, and the scales of normalizations.
        ("stages.0.blocks.0.gamma", [6], .keep), ("stages.2.blocks.26.gamma", [6], .keep),
        ("blocks.1.layer_scale_1", [6], .keep), ("layer_scale_parameter", [6], .keep),
        ("blocks.0.norm.gamma", [6], .ones), ("stem.gamma", [6], .ones),
      ], rules: "generic")
  }

  @Test func `embeddings are kept, but not layers with such names`() throws {
    try expect(
      [
        ("tok_emb.weight", [9, 4], .keep), ("emb.weight", [9, 4], .keep),
        ("user_emb.weight", [9, 4], .keep), ("tower.emb.weight", [9, 4], .keep),
        ("shared.weight", [9, 4], .keep), ("query_tokens", [1, 3, 4], .keep),
        ("pos_emb", [1, 8, 4], .keep), ("pos_encoding", [8, 4], .keep),
        ("pos_encoder.pe", [8, 1, 4], .keep), ("pos_encoding.weight", [8, 4], .keep),
        ("codebook", [9, 4], .keep), ("quantizer._codebook.embed", [1, 9, 4], .keep),
        ("codebooks.0.weight", [9, 4], .keep), ("quantizer.codevectors", [1, 9, 4], .keep),
        ("mask", [8, 8], .keep), ("attn_mask", [2, 8, 8], .keep), ("head.tril", [8, 8], .keep),
        ("tok.weight", [9, 4], .keep), ("pos", [8, 4], .keep), ("enc.pos", [1, 8, 4], .keep),
        ("mask_tokens.weight", [3, 4], .keep), ("rel_pos_h", [9, 4], .keep),
        ("latents", [9, 4], .keep),
        ("h.0.attn.bias", [1, 1, 8, 8], .keep),

        ("time_emb.weight", [6, 4], .matrix), ("time_emb.bias", [6], .zeros),
        ("context_embedder.weight", [6, 4], .matrix), ("context_embedder.bias", [6], .zeros),
        ("time_embedding.linear_1.weight", [6, 4], .matrix),
        ("time_embedding.linear_1.bias", [6], .zeros),
        ("pos_encoder.0.weight", [6, 4], .matrix), ("codebook_proj.weight", [6, 4], .matrix),
        ("emb_layers.1.weight", [6, 4], .matrix), ("ember.weight", [6, 4], .matrix),
        ("mask_head.weight", [6, 4], .matrix), ("mask_conv.weight", [6, 4, 3, 3], .convolution),
      ], rules: "generic")
  }

  @Test func `normalizations and biases of TensorFlow and Haiku are recognized`() throws {
    try expect(
      [
        ("bn/gamma:0", [6], .ones), ("bn/beta:0", [6], .zeros), ("bn/moving_mean:0", [6], .zeros),
        ("bn/moving_variance:0", [6], .ones), ("conv2d/bias:0", [6], .zeros),
        ("m/gamma/.ATTRIBUTES/VARIABLE_VALUE", [6], .ones),
        ("embed/embeddings:0", [9, 6], .keep),
        ("linear/w", [4, 6], .matrix), ("linear/b", [6], .zeros),
        ("norm/scale", [6], .ones), ("norm/offset", [6], .zeros), ("other/b", [6], .keep),
      ], rules: "generic")
  }

  @Test func `layers that start at 0 by design become 0`() throws {
    let unet = "lora_unet_mid"
    try expect(
      [
        ("\(unet).lora_down.weight", [4, 32], .matrix),
        ("\(unet).lora_up.weight", [32, 4], .zeros),
        ("\(unet).alpha", [], .keep), ("attn.to_q_lora.down.weight", [4, 32], .matrix),
        ("attn.to_q_lora.up.weight", [32, 4], .zeros),
        ("zero_convs.0.0.weight", [4, 4, 1, 1], .zeros),
        ("blocks.0.adaLN_modulation.1.weight", [24, 4], .zeros),
        // For embeddings the first factor is 0.
        ("embed_tokens.lora_embedding_A", [4, 9], .zeros),
        ("embed_tokens.lora_embedding_B", [4, 4], .keep),
      ], rules: "generic")
  }

  @Test(arguments: ["generic", "llama"])
  func `stacked expert weights are kept`(rules: String) throws {
    let stacks = [
      "mlp.experts.gate_up_proj", "block_sparse_moe.input_linear.weight",
      "experts.gate_proj.weight",
    ]
    let llama = [
      MadeTensor("model.layers.0.self_attn.q_proj.weight", [4, 4]),
      MadeTensor("model.embed_tokens.weight", [9, 4]),
    ]
    let others = [
      MadeTensor("mlp.experts.0.w1.weight", [4, 4]), MadeTensor("conv.weight", [4, 2, 3]),
    ]
    let tensors =
      stacks.map { MadeTensor("l.\($0)", [4, 3, 6]) } + others + (rules == "llama" ? llama : [])
    try withModel(tensors) { model, _ in
      let entry = try InitializerCatalog.builtIn.entry(named: "ZerO")
      let plan = try ReinitializationPlan(model, initializer: entry)
      #expect(plan.rules.name == rules)
      for assignment in plan.assignments.prefix(stacks.count) {
        #expect(assignment.treatment == .keep, "\(assignment.tensor.name)")
        #expect(assignment.reason == "stacked experts")
      }
      #expect(plan.remarks == [.kept(.stackedExperts, tensor: "l.\(stacks[0])")])
      #expect(plan.assignments[3].treatment == .matrix)
      #expect(plan.assignments[4].treatment == .convolution)
      // The user's rules take precedence.
      let own = Overrides([TensorRule("*experts*", .zeros)])
      #expect(
        try ReinitializationPlan(model, initializer: entry, overrides: own).assignments[0].treatment
          == .zeros)
    }
  }

  @Test func `rules for another family are rejected, and a misspelled name gets a suggestion`()
    throws
  {
    try withModel([MadeTensor("w", [4, 4])]) { model, _ in
      for set in RuleSet.catalog where set.name != "generic" {
        #expect {
          _ = try ReinitializationPlan(
            model, initializer: try InitializerCatalog.builtIn.entry(named: "ZerO"), rules: set)
        } throws: { error in
          guard case ReinitializationError.wrongFamily(set.name, _, nil, model.path) = error else {
            return false
          }
          return true
        }
      }
    }
    try withModel(gpt2(isTurned: false, prefix: "").map { MadeTensor($0.name, $0.shape) }) {
      model, _ in
      let error = ReinitializationError.wrongFamily(
        rules: "nanogpt", pattern: "*.attn.c_attn.weight", known: "gpt2", path: model.path)
      #expect(throws: error) {
        try ReinitializationPlan(
          model, initializer: try InitializerCatalog.builtIn.entry(named: "ZerO"), rules: .nanoGPT)
      }
      #expect(error.description.hasSuffix("omit --rules to use 'gpt2', which the names show"))
    }
    #expect(throws: ReinitializationError.unknownRules("restnet")) { try RuleSet.named("restnet") }
    #expect(ReinitializationError.unknownRules("restnet").description.contains("'resnet'?"))
    #expect(Set(RuleSet.names).count == RuleSet.catalog.count)
  }
}
