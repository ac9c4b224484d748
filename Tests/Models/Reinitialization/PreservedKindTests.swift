// Tensors that are kept, whatever the model's family.

import TestSupport
import Testing
import ZerOCheckpoints
import ZerOInitializers

@testable import ZerOReinitialization

@Suite struct PreservedKindTests {
  /// The kinds of kept tensors, by name.
  private func kinds(_ tensors: [MadeTensor], layout: TensorLayout? = .torch) throws
    -> [String: PreservedKind]
  {
    try withModel(tensors) { model, _ in
      let plan = try plan(model, layout: layout)
      let kept = plan.assignments.compactMap { assignment -> (String, PreservedKind)? in
        guard case .preserved(let kind) = assignment.basis else { return nil }
        #expect(assignment.treatment == .keep)
        return (assignment.tensor.name, kind)
      }
      let kinds = Dictionary(uniqueKeysWithValues: kept)
      for kind in Set(kinds.values) {
        #expect(
          plan.remarks.contains { remark in
            if case .kept(kind, let tensor) = remark { kinds[tensor] == kind } else { false }
          })
      }
      return kinds
    }
  }

  @Test(arguments: [false, true])
  func `time constants of a state-space layer are kept, in a family as well`(isLlama: Bool) throws {
    let llama = [
      MadeTensor("model.layers.0.self_attn.q_proj.weight", [4, 4]),
      MadeTensor("model.embed_tokens.weight", [9, 4]),
    ]
    let mixer = "layers.0.mixer."
    let kinds = try kinds(
      [
        MadeTensor(mixer + "A_log", [16, 4]), MadeTensor(mixer + "D", [16]),
        MadeTensor(mixer + "dt_proj.weight", [16, 1]), MadeTensor(mixer + "dt_proj.bias", [16]),
        MadeTensor(mixer + "in_proj.weight", [32, 8]), MadeTensor(mixer + "dt_bias", [4]),
      ] + (isLlama ? llama : []))
    #expect(
      kinds == [
        mixer + "A_log": .timeConstants, mixer + "D": .timeConstants,
        mixer + "dt_proj.bias": .timeConstants, mixer + "dt_bias": .timeConstants,
      ])
  }

  @Test func `slopes, scalars and fixed transforms are kept, but not layers with such names`()
    throws
  {
    let kinds = try kinds([
      MadeTensor("conv1.weight", [10, 3, 3, 3]), MadeTensor("conv1.bias", [10]),
      MadeTensor("prelu1.weight", [10]), MadeTensor("body.1.PReLU.weight", [10]),
      MadeTensor("similarity_weight", [1]), MadeTensor("similarity_bias", [1]),
      MadeTensor("logit_scale", []), MadeTensor("logit_bias", [1]), MadeTensor("net.1.weight", [1]),
      MadeTensor("stft_conv.weight", [64, 1, 64]), MadeTensor("spectrogram.window", [64]),
      MadeTensor("sinc.filterbank.weight", [8, 8]), MadeTensor("cos_cached", [1, 1, 8, 4]),
      MadeTensor("snake.alpha", [1, 8, 1]), MadeTensor("snake.beta", [8]),
      MadeTensor("lora_magnitude_vector.weight", [8]),
      // A normalization, a layer with one output, and one with a single value.
      MadeTensor("relu_bn.weight", [8]), MadeTensor("relu_bn.bias", [8]),
      MadeTensor("bn.weight", [1]), MadeTensor("bn.bias", [1]), MadeTensor("bn.running_mean", [1]),
      MadeTensor("bn.running_var", [1]), MadeTensor("fc.weight", [1, 8]),
      MadeTensor("fc.bias", [1]),
      MadeTensor("one.weight", [1, 1]), MadeTensor("one.bias", [1]),
      MadeTensor("window_attention.weight", [4, 4]), MadeTensor("steps", [], "I64"),
    ])
    #expect(
      kinds == [
        "prelu1.weight": .slopes, "body.1.PReLU.weight": .slopes, "snake.beta": .slopes,
        "similarity_weight": .scalars, "similarity_bias": .scalars,
        "logit_scale": .scalars, "logit_bias": .scalars, "net.1.weight": .scalars,
        "stft_conv.weight": .fixedTransforms, "spectrogram.window": .fixedTransforms,
        "sinc.filterbank.weight": .fixedTransforms, "cos_cached": .fixedTransforms,
        "snake.alpha": .broadcasts, "lora_magnitude_vector.weight": .adapters,
      ])
  }

  @Test func `parameters with one row are kept, but not weights with one output`() throws {
    let kinds = try kinds([
      MadeTensor("naf.beta", [1, 8, 1, 1]), MadeTensor("attn.logit_scale", [4, 1, 1]),
      MadeTensor("x_mix", [1, 1, 8]), MadeTensor("low", [8, 1]), MadeTensor("start", [1, 8]),
      MadeTensor("head.weight", [1, 8]), MadeTensor("conv.weight", [1, 8, 1, 1]),
      MadeTensor("w2", [1, 8]), MadeTensor("pos_embed", [1, 5, 8]), MadeTensor("other", [4, 8]),
    ])
    #expect(
      Set(kinds.keys) == ["naf.beta", "attn.logit_scale", "x_mix", "low", "start"]
        && Set(kinds.values) == [.broadcasts])
  }

  @Test
  func `stacked experts are kept in four dimensions and in one matrix, but not single experts`()
    throws
  {
    let kinds = try kinds([
      MadeTensor("layers.mlp.experts.gate_up_proj", [2, 4, 8, 16]),
      MadeTensor("mlp.experts.down_proj", [4, 8, 16]), MadeTensor("ffn.experts.mlp.w1", [32, 8]),
      MadeTensor("mlp.experts.0.w1.weight", [8, 4]),
      MadeTensor("expert_1.conv.weight", [4, 4, 3, 3]),
      MadeTensor("mlp.shared_expert.up_proj.weight", [8, 4]),
    ])
    #expect(
      Set(kinds.keys) == [
        "layers.mlp.experts.gate_up_proj", "mlp.experts.down_proj", "ffn.experts.mlp.w1",
      ] && Set(kinds.values) == [.stackedExperts])
  }

  @Test func `the user's rules precede kept kinds`() throws {
    try withModel([MadeTensor("mixer.A_log", [16, 4])]) { model, _ in
      let plan = try plan(model, "ZerO", [TensorRule("*A_log", .zeros)])
      #expect(plan.assignments[0].treatment == .zeros && plan.remarks.isEmpty)
    }
  }
}
