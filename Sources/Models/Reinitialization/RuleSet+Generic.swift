// Any model, by shapes and common names.

extension RuleSet {
  /// Two dimensions are a matrix (Algorithm 1), four or five a convolution (Algorithm 2).
  ///
  /// Three dimensions are a convolution if the name contains `conv`. Others, such as Flax's
  /// attention, are kept, since their shape is ambiguous.
  ///
  /// All other treatments follow from names. Biases and running means become 0. A vector that is a
  /// weight is the scale of a normalization and becomes 1. Embeddings, tokens, positions, codebooks
  /// and masks are kept. An embedding has no bias: a module with a bias is a dense layer, whatever
  /// its name. Attention is indistinguishable from other matrices.
  static let generic = RuleSet(
    name: "generic",
    signatures: [],
    rules: [
      TensorRule("*num_batches_tracked", .zeros),
      TensorRule("*running_mean", .zeros),
      TensorRule("*running_var", .ones),
      TensorRule("*moving_mean", .zeros),
      TensorRule("*moving_variance", .ones),
      TensorRule("*batch_stats*mean", .zeros),
      TensorRule("*batch_stats*var", .ones),
      // LoRA's second factor starts at 0, so the adapter changes nothing at first.
      TensorRule("*lora_B*", .zeros),
      TensorRule("*lora_up*", .zeros),
      TensorRule("*lora*.up.weight", .zeros),
      TensorRule("*lora_embedding_A*", .zeros),
      TensorRule("*lora_embedding_B*", .keep),
      // ControlNet's connections and DiT's modulations start at 0 for the same reason.
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
      TensorRule("*pos_encoding.weight", .keep, dimensions: 2, unlessBeside: "bias"),
      // The buffer in PyTorch's tutorial on transformers.
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
      // ConvNeXt's layer scale starts at 1e-6. The `gamma` of a normalization has a module name
      // before it, or a `beta` beside it.
      TensorRule("*.[0-9].gamma", .keep, unlessBeside: "beta"),
      TensorRule("*.[0-9][0-9].gamma", .keep, unlessBeside: "beta"),
      TensorRule("*bias*", .zeros, dimensions: 1),
      TensorRule("*bias*", .keep),
      TensorRule("*beta", .zeros, dimensions: 1),
      // Names in Haiku.
      TensorRule("*[./]b", .zeros, dimensions: 1, beside: "w"),
      TensorRule("*offset", .zeros, dimensions: 1, beside: "scale"),
      TensorRule("*weight", .ones, dimensions: 1),
      TensorRule("*scale", .ones, dimensions: 1),
      TensorRule("*gamma", .ones, dimensions: 1),
      TensorRule("*patch_embed*", .matrix),
      TensorRule("*embed*", .keep, dimensions: 2, unlessBeside: "bias"),
      TensorRule("*wte.weight", .keep),
      TensorRule("*wpe.weight", .keep),
      TensorRule("*shared.weight", .keep, unlessBeside: "bias"),
    ] + tables + [
      TensorRule("*[Cc]onv*", .convolution, dimensions: 3),
      TensorRule("*", .convolution, dimensions: 4),
      TensorRule("*", .convolution, dimensions: 5),
      TensorRule("*", .matrix, dimensions: 2),
    ])

  /// Embeddings of tokens and positions, as modules and as parameters.
  private static let tables = ["emb", "tok", "token", "tokens", "pos", "wte", "wpe"].flatMap {
    name in
    [name, "*[._/]\(name)"].flatMap { pattern in
      [
        TensorRule(pattern, .keep),
        TensorRule(pattern + ".weight", .keep, dimensions: 2, unlessBeside: "bias"),
      ]
    }
  }
}
