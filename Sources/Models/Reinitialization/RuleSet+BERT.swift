// Text encoders.

extension RuleSet {
  /// BERT, RoBERTa, ELECTRA and models with their names, as in Hugging Face's library.
  ///
  /// The prediction head's `decoder`, in ELECTRA `generator_lm_head`, is tied to the token
  /// embedding and kept.
  static let bert = RuleSet(
    name: "bert",
    signatures: [
      [
        TensorRule("*.attention.self.query.weight", .identity),
        TensorRule("*embeddings.word_embeddings.weight", .keep),
      ]
    ],
    rules: [
      TensorRule("*.attention.self.query.weight", .identity),
      TensorRule("*.attention.self.key.weight", .zeros),
      TensorRule("*.attention.self.value.weight", .zeros),
      TensorRule("*LayerNorm.weight", .ones),
      TensorRule("*LayerNorm.gamma", .ones),
      TensorRule("*LayerNorm.beta", .zeros),
      TensorRule("*layer_norm.weight", .ones),
      TensorRule("*_embeddings.weight", .keep),
      TensorRule("*position_ids", .keep),
      TensorRule("*token_type_ids", .keep),
      TensorRule("*decoder.weight", .keep),
      TensorRule("*generator_lm_head.weight", .keep),
      // A dense layer between narrow embeddings and the first block.
      TensorRule("*embeddings_project.weight", .matrix),
      TensorRule("*dense.weight", .matrix),
      TensorRule("*classifier.weight", .matrix),
      TensorRule("*.bias", .zeros),
    ])
}
