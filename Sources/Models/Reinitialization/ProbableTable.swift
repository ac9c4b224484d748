// Tables of tokens and positions that no name tells.

import Checkpoints
import Initializers

/// What a lookup table looks like among a model's layers.
enum ProbableTable {
  /// The first weight that may be a table.
  ///
  /// A table has no bias and more rows than columns, and nothing takes as many inputs as it has rows. A layer
  /// can be so as well, unless its name says that it is one.
  ///
  /// - Parameters:
  ///   - weights: Those that become matrices, though no family's rule says so.
  ///   - model: All tensors.
  /// - Returns: `nil` where there is none.
  static func first(among weights: [Assignment], in model: RuledTensors) -> PlanRemark? {
    let lengths = Set(
      model.tensors.flatMap { tensor in
        tensor.shape.count == 1 ? tensor.shape : Array(tensor.shape.dropFirst())
      })
    return weights.first { weight in
      let shape = weight.tensor.shape
      return shape.count == 2 && weight.layout == .torch && shape[0] > shape[1]
        && weight.normalization == nil && model.bias(of: weight.tensor) == nil
        && !lengths.contains(shape[0])
        && TensorName(weight.tensor.name).isWeight
        && !layers.contains { weight.tensor.name.lowercased().contains($0) }
    }.map { .probableTable(tensor: $0.tensor.name) }
  }

  /// In the names of last layers, and of others that are no tables.
  private static let layers = [
    "head", "fc", "classif", "logit", "out", "decode", "predict", "final", "lora_", "proj",
    "linear",
    "dense", "mlp", "ffn", "feed_forward", "attn", "attention", "gate", "qkv",
  ]
}
