// Decoders with gated feed-forward layers.

import Checkpoints

extension RuleSet {
  /// Llama, Mistral, Qwen and others with their names, as Hugging Face has them.
  ///
  /// Experts of a mixture that have other names go by shapes.
  /// A head that a file has is a matrix of its own (Algorithm 1); one that is the embedding isn't in a file. Models
  /// whose normalization multiplies by 1 + weight (Gemma) want their norms 0, which a rule of one's own says; a
  /// remark names it where ``gemmaNorm`` tells Gemma 2 or 3. The first Gemma has Llama's names.
  static let llama = RuleSet(
    name: "llama", summary: "Llama, Mistral, Qwen and others with their names",
    signatures: [
      [
        TensorRule("*.self_attn.q_proj.weight", .identity),
        TensorRule("*embed_tokens.weight", .keep),
      ]
    ],
    rules: [
      TensorRule("*.q_proj.weight", .identity),
      // Narrower than q_proj where several heads share their keys and values.
      TensorRule("*.k_proj.weight", .zeros),
      TensorRule("*.v_proj.weight", .zeros),
      TensorRule("*.o_proj.weight", .matrix),
      TensorRule("*gate_proj.weight", .matrix),
      TensorRule("*up_proj.weight", .matrix),
      TensorRule("*down_proj.weight", .matrix),
      TensorRule("*embed_tokens.weight", .keep),
      TensorRule("*lm_head.weight", .matrix),
      TensorRule("*norm.weight", .ones),
      TensorRule("*inv_freq", .keep),
      TensorRule("*.bias", .zeros),
    ])

  /// A normalization that Llama and most of its relatives don't have.
  static let gemmaNorm = NamePattern("*.pre_feedforward_layernorm.weight")
}
