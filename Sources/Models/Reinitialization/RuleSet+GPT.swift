// Transformers of the GPT-2 family, whose names are the same and whose matrices aren't.

import Initializers

extension RuleSet {
  /// GPT-2 as Hugging Face has it, with or without `transformer.` before the names: matrices are in × out.
  static let gpt2 = gpt(
    name: "gpt2", summary: "GPT-2 as Hugging Face names it, matrices in x out", layout: .jax)

  /// The same names with matrices of out × in, as nanoGPT has them.
  static let nanoGPT = gpt(
    name: "nanogpt", summary: "GPT-2's names with matrices out x in, as nanoGPT", layout: .torch)

  private static func gpt(name: String, summary: String, layout: TensorLayout) -> RuleSet {
    let attention = TensorRule(
      "*.attn.c_attn.weight", .stacked([.identity, .zeros, .zeros]), layout: layout)
    return RuleSet(
      name: name, summary: summary,
      signatures: [[attention, TensorRule("*wte.weight", .keep)]],
      rules: [
        // Masks, which older versions have saved.
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
        // The token embedding once more.
        TensorRule("*lm_head.weight", .keep),
        TensorRule("*ln_*.weight", .ones),
        TensorRule("*.bias", .zeros),
      ])
  }
}
