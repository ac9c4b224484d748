// Any model, by shapes and by the names that most models share.

extension RuleSet {
  /// Two extents are a matrix (Algorithm 1), four or five a convolution (Algorithm 2).
  ///
  /// Three are a convolution where the name has `conv`; others, Flax's attention for one, stay, since no shape tells
  /// what they are.
  ///
  /// Names decide about the rest: biases and running means are 0, a vector that is a weight is a normalization's
  /// scale and becomes 1, embeddings, tokens, positions, codebooks and masks stay. Attention can't be told from other
  /// matrices here. A table of embeddings has no bias; what has one is a dense layer, whatever its name.
  static let generic = RuleSet(
    name: "generic", summary: "any model, by its tensors' shapes",
    signatures: [],
    rules: [
      TensorRule("*num_batches_tracked", .zeros),
      TensorRule("*running_mean", .zeros),
      TensorRule("*running_var", .ones),
      TensorRule("*moving_mean", .zeros),
      TensorRule("*moving_variance", .ones),
      TensorRule("*batch_stats*mean", .zeros),
      TensorRule("*batch_stats*var", .ones),
      // LoRA's second factor, which starts at 0 so that the adapter changes nothing.
      TensorRule("*lora_B*", .zeros),
      TensorRule("*lora_up*", .zeros),
      TensorRule("*lora*.up.weight", .zeros),
      TensorRule("*lora_embedding_A*", .zeros),
      TensorRule("*lora_embedding_B*", .keep),
      // They start at 0 for the same reason: ControlNet's connections, DiT's modulations.
      TensorRule("*zero_conv*", .zeros),
      TensorRule("*adaLN_modulation*", .zeros),
      TensorRule("*mask", .keep),
      TensorRule("*tril", .keep),
      TensorRule("*triu", .keep),
      TensorRule("*pos_embed*", .keep),
      TensorRule("*position*", .keep),
      TensorRule("*rel_pos*", .keep),
      TensorRule("*pos_emb", .keep),
      TensorRule("*pos_encoding", .keep),
      TensorRule("*pos_encoding.weight", .keep, extents: 2, unlessBeside: "bias"),
      // The buffer of PyTorch's tutorial on transformers.
      TensorRule("*.pe", .keep),
      TensorRule("*_token", .keep),
      TensorRule("*_tokens", .keep),
      TensorRule("*latents", .keep),
      TensorRule("*codebook", .keep),
      TensorRule("*codebook[.s]*", .keep),
      TensorRule("*codevectors", .keep),
      TensorRule("*inv_freq", .keep),
      TensorRule("*layer_scale*", .keep),
      TensorRule("*.ls?.gamma", .keep),
      // ConvNeXt's, which start at 1e-6; a normalization's has a name of its own before `gamma`, or `beta` beside it.
      TensorRule("*.[0-9].gamma", .keep, unlessBeside: "beta"),
      TensorRule("*.[0-9][0-9].gamma", .keep, unlessBeside: "beta"),
      TensorRule("*bias*", .zeros, extents: 1),
      TensorRule("*bias*", .keep),
      TensorRule("*beta", .zeros, extents: 1),
      // Haiku's names.
      TensorRule("*[./]b", .zeros, extents: 1, beside: "w"),
      TensorRule("*offset", .zeros, extents: 1, beside: "scale"),
      TensorRule("*weight", .ones, extents: 1),
      TensorRule("*scale", .ones, extents: 1),
      TensorRule("*gamma", .ones, extents: 1),
      TensorRule("*patch_embed*", .matrix),
      TensorRule("*embed*", .keep, extents: 2, unlessBeside: "bias"),
      TensorRule("*wte.weight", .keep),
      TensorRule("*wpe.weight", .keep),
      TensorRule("*shared.weight", .keep, unlessBeside: "bias"),
    ] + tables + [
      TensorRule("*[Cc]onv*", .convolution, extents: 3),
      TensorRule("*", .convolution, extents: 4),
      TensorRule("*", .convolution, extents: 5),
      TensorRule("*", .matrix, extents: 2),
    ])

  /// Tables of tokens and positions, as modules or as parameters of their own.
  private static let tables = ["emb", "tok", "token", "tokens", "pos", "wte", "wpe"].flatMap {
    name in
    [name, "*[._/]\(name)"].flatMap { pattern in
      [
        TensorRule(pattern, .keep),
        TensorRule(pattern + ".weight", .keep, extents: 2, unlessBeside: "bias"),
      ]
    }
  }
}
