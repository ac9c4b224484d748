// Any model, by shapes and by the names that most models share.

extension RuleSet {
  /// Two extents are a matrix (Algorithm 1), three to five a convolution (Algorithm 2).
  ///
  /// Names decide about the rest: biases and running means are 0, a vector that is a weight is a normalisation's
  /// scale and becomes 1, embeddings, tokens, positions and masks stay. Attention can't be told from other matrices
  /// here.
  static let generic = RuleSet(
    name: "generic", summary: "any model, by its tensors' shapes",
    signatures: [],
    rules: [
      TensorRule("*num_batches_tracked", .zeros),
      TensorRule("*running_mean", .zeros),
      TensorRule("*running_var", .ones),
      TensorRule("*batch_stats*mean", .zeros),
      TensorRule("*batch_stats*var", .ones),
      TensorRule("*pos_embed*", .keep),
      TensorRule("*position*", .keep),
      TensorRule("*_token", .keep),
      TensorRule("*inv_freq", .keep),
      TensorRule("*layer_scale*", .keep),
      TensorRule("*.ls?.gamma", .keep),
      TensorRule("*bias*", .zeros, extents: 1),
      TensorRule("*bias*", .keep),
      TensorRule("*beta", .zeros, extents: 1),
      TensorRule("*weight", .ones, extents: 1),
      TensorRule("*scale", .ones, extents: 1),
      TensorRule("*gamma", .ones, extents: 1),
      TensorRule("*patch_embed*", .matrix),
      TensorRule("*embed*", .keep, extents: 2),
      TensorRule("*wte.weight", .keep),
      TensorRule("*wpe.weight", .keep),
      TensorRule("*shared.weight", .keep),
      TensorRule("*", .convolution),
      TensorRule("*", .matrix),
    ])
}
