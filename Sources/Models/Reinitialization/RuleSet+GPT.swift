// GPT-2 and nanoGPT, which share names but not the layout of matrices.

import ZerOInitializers

extension RuleSet {
  /// GPT-2 as in Hugging Face's library, with or without the prefix `transformer.`; matrices are
  /// in × out.
  static let gpt2 = gpt(name: "gpt2", layout: .jax)

  /// nanoGPT: the same names, matrices out × in.
  static let nanoGPT = gpt(name: "nanogpt", layout: .torch)

  private static func gpt(name: String, layout: TensorLayout) -> RuleSet {
    let attention = TensorRule(
      "*.attn.c_attn.weight", .stacked([.identity, .zeros, .zeros]), layout: layout)
    return RuleSet(
      name: name,
      signatures: [[attention, TensorRule("*wte.weight", .keep)]],
      rules: [
        // Masks, saved by older versions.
        TensorRule("*.attn.bias", .keep),
        TensorRule("*attention.bias", .keep),
        TensorRule("*.masked_bias", .keep),
        attention,
        TensorRule("*.crossattention.q_attn.weight", .identity, layout: layout),
        TensorRule("*.crossattention.c_attn.weight", .zeros, layout: layout),
        TensorRule("*.c_proj.weight", .matrix, layout: layout),
        TensorRule("*.c_fc.weight", .matrix, layout: layout),
        TensorRule("*wte.weight", .keep),
        TensorRule("*wpe.weight", .keep),
        // Tied to the token embedding.
        TensorRule("*lm_head.weight", .keep),
        TensorRule("*ln_*.weight", .ones),
        TensorRule("*.bias", .zeros),
      ])
  }
}
