// Vision transformers.

extension RuleSet {
  /// Vision transformers with the names of torchvision, Hugging Face (versions up to 4, and 5) or timm.
  ///
  /// The patch embedding is a dense layer on the pixels of a patch, so it uses Algorithm 1.
  static let vit = RuleSet(
    name: "vit",
    signatures: [
      [
        TensorRule("*.self_attention.in_proj_weight", .stacked([.identity, .zeros, .zeros])),
        TensorRule("*conv_proj.weight", .matrix),
      ],
      [
        TensorRule("*.attention.attention.query.weight", .identity),
        TensorRule("*patch_embeddings.projection.weight", .matrix),
      ],
      [
        TensorRule("*layers.*.attention.q_proj.weight", .identity),
        TensorRule("*patch_embeddings.projection.weight", .matrix),
      ],
      [
        TensorRule("*blocks.*.attn.qkv.weight", .stacked([.identity, .zeros, .zeros])),
        TensorRule("*patch_embed.proj.weight", .matrix),
      ],
    ],
    rules: [
      TensorRule("*.self_attention.in_proj_weight", .stacked([.identity, .zeros, .zeros])),
      TensorRule("*.self_attention.out_proj.weight", .matrix),
      TensorRule("*.mlp.*.weight", .matrix),
      TensorRule("*conv_proj.weight", .matrix),
      TensorRule("*heads.*.weight", .matrix),
      TensorRule("*class_token", .keep),
      TensorRule("*pos_embedding", .keep),
      TensorRule("*.ln.weight", .ones),
      TensorRule("*.ln_?.weight", .ones),
      TensorRule("*.in_proj_bias", .zeros),

      TensorRule("*.attention.query.weight", .identity),
      TensorRule("*.attention.key.weight", .zeros),
      TensorRule("*.attention.value.weight", .zeros),
      TensorRule("*.attention.q_proj.weight", .identity),
      TensorRule("*.attention.k_proj.weight", .zeros),
      TensorRule("*.attention.v_proj.weight", .zeros),
      TensorRule("*.attention.o_proj.weight", .matrix),
      TensorRule("*patch_embeddings.projection.weight", .matrix),
      TensorRule("*_token", .keep),
      TensorRule("*position_embeddings", .keep),
      TensorRule("*layernorm*.weight", .ones),
      TensorRule("*.dense.weight", .matrix),
      TensorRule("*classifier.weight", .matrix),

      TensorRule("*.attn.qkv.weight", .stacked([.identity, .zeros, .zeros])),
      TensorRule("*.attn.proj.weight", .matrix),
      TensorRule("*patch_embed.proj.weight", .matrix),
      TensorRule("*pos_embed", .keep),
      TensorRule("*norm?.weight", .ones),
      TensorRule("*norm.weight", .ones),
      TensorRule("*head.weight", .matrix),

      TensorRule("*.bias", .zeros),
    ])
}
