// The kinds of tensors that concatenate the weights of several layers; `FusedKind.catalog` is the list.

import ZerOCheckpoints
import ZerONamePatterns

/// A kind of matrix that concatenates the weights of several layers along their outputs.
struct FusedKind: Sendable {
  /// How the outputs are divided.
  enum Division: Sendable {
    /// Blocks of equal size, one per name.
    case equal([String])

    /// Queries, keys and values. The queries have as many outputs as the output projection, another
    /// module of the same name, has inputs; keys and values share the others. With grouped queries,
    /// keys and values are narrower.
    case attention(output: String)

    /// Queries, keys and values of equal size within each attention head.
    case heads

    /// One block per gate of an LSTM or a GRU.
    case gates(lstm: [String], gru: [String])
  }

  /// The pattern of names, which begin with a dot.
  let pattern: NamePattern

  /// How the outputs are divided.
  let division: Division

  private init(_ pattern: String, _ division: Division) {
    self.pattern = NamePattern(pattern)
    self.division = division
  }

  /// The names of queries, keys and values.
  static let attention = ["q", "k", "v"]

  /// All kinds; the first one that matches a name applies.
  static let catalog = [
    // GPT-2, nanoGPT, StarCoder.
    FusedKind("*.crossattention.c_attn.weight", .equal(["k", "v"])),
    FusedKind("*.c_attn.weight", .attention(output: "c_proj")),
    // timm, torchvision's Swin; x-transformers.
    FusedKind("*.qkv.weight", .attention(output: "proj")),
    FusedKind("*.to_qkv.weight", .equal(attention)),
    FusedKind("*.to_kv.weight", .equal(["k", "v"])),
    // torch.nn.MultiheadAttention.
    FusedKind("*.in_proj_weight", .equal(attention)),
    // GPT-NeoX, BLOOM.
    FusedKind("*.query_key_value.weight", .heads),
    // MPT, DBRX, FlashAttention; ModernBERT, whose queries, keys and values have equal sizes.
    FusedKind("*.Wqkv.weight", .attention(output: "out_proj")),
    // Phi-3. CodeGen's qkv_proj, which is not in self_attn, has another order.
    FusedKind("*.self_attn.qkv_proj.weight", .attention(output: "o_proj")),
    // Phi-3, GLM-4; DINOv2.
    FusedKind("*.gate_up_proj.weight", .equal(["gate", "up"])),
    FusedKind("*.mlp.w12.weight", .equal(["gate", "up"])),
    // PyTorch, MLX, Keras.
    FusedKind("*.weight_[ih]h*", .gates(lstm: ["i", "f", "g", "o"], gru: ["r", "z", "n"])),
    FusedKind("*.W[xh]", .gates(lstm: ["i", "f", "g", "o"], gru: ["r", "z", "n"])),
    FusedKind("*kernel", .gates(lstm: ["i", "f", "c", "o"], gru: ["z", "r", "h"])),
  ]
}
