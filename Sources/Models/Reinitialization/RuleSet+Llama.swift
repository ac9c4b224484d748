// Decoders with gated feed-forward layers.

import ZerOCheckpoints
import ZerONamePatterns

extension RuleSet {
  /// Llama, Mistral, Qwen and models with their names, as in Hugging Face's library.
  ///
  /// Expert weights with other names are treated by their shapes. An output head in the file is a
  /// separate matrix (Algorithm 1); a tied head is not in the file.
  ///
  /// Gemma's normalization multiplies by 1 + weight, so its weights must be 0, which requires a rule of the user. A
  /// remark reports this if ``gemmaNormalization`` shows Gemma 2 or 3; the first Gemma has the same names as Llama.
  static let llama = RuleSet(
    name: "llama",
    signatures: [
      [
        TensorRule("*.self_attn.q_proj.weight", .identity),
        TensorRule("*embed_tokens.weight", .keep),
      ]
    ],
    rules: [
      TensorRule("*.q_proj.weight", .identity),
      // Narrower than q_proj if several heads share keys and values.
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

  /// A normalization that Gemma has, and most of Llama's relatives don't.
  static let gemmaNormalization = NamePattern("*.pre_feedforward_layernorm.weight")
}
