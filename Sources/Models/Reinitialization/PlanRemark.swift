// Remarks of a plan: guesses, and tensors that keep their values.

public import ZerOInitializers

/// A guess of a plan, or a tensor that it leaves unchanged, of which the user should know.
public enum PlanRemark: Equatable, Sendable {
  /// The layout comes from the file's metadata.
  case layoutOfMetadata(TensorLayout)

  /// The layout is assumed to be PyTorch's, but the tensor's name (`kernel`) or its bias suggests
  /// that outputs are last.
  case outputsProbablyLast(tensor: String)

  /// A weight without a family's rule has a bias whose length is not its number of outputs.
  case otherBias(tensor: String, outputs: Int, bias: Int)

  /// A convolution kernel has the name of a transposed convolution, but no bias that shows its
  /// layout.
  case perhapsTransposed(tensor: String)

  /// An attention weight without a family's rule is treated by its shape.
  case attentionByShape(tensor: String, rules: String)

  /// A tensor contains Q, K and V, but its name suggests that they are interleaved by head.
  case perhapsInterleaved(tensor: String)

  /// Weights that probably end residual branches are not 0; patterns of their names.
  case branchEnds(patterns: [String])

  /// A weight gets the value of a family's rule instead of the initializer's.
  case rulesBeforeInitializer(tensor: String, rules: String, initializer: String)

  /// Tensors of a kind that no initializer applies to.
  case kept(PreservedKind, tensor: String)

  /// A tensor of three dimensions keeps its values, since no rule applies.
  case threeDimensionsKept(tensor: String)

  /// Any other tensor that keeps its values, since no rule applies.
  case unknownKept(tensor: String)

  /// A tensor is kept because it is tied to another one.
  case tied(tensor: String, with: String)

  /// A weight under weight normalization.
  case weightNormalization(direction: String, length: String)

  /// A parameter without a weight's name is initialized as a weight.
  case unnamedWeight(tensor: String)

  /// A weight is probably an embedding.
  case probableEmbedding(tensor: String)

  /// A vector becomes 1, although only its name `weight` suggests a normalization.
  case unnamedNormalization(tensor: String)

  /// A convolution kernel with one input channel and several outputs becomes a partial identity, so
  /// only one output is not 0.
  case singleNonzeroOutput(tensor: String)

  /// A normalization weight becomes 1, but its name belongs to Gemma 2 or 3, which multiply by 1 +
  /// weight.
  case gemmaNormalizations(tensor: String)
}

extension PlanRemark: CustomStringConvertible {
  /// The remark and its remedy, in one line.
  public var description: String {
    switch self {
    case .layoutOfMetadata(let layout):
      "layout \(layout.rawValue), from the file's metadata; --layout overrides it"
    case .outputsProbablyLast(let tensor):
      "outputs are read as the first dimension but are probably the last, as in JAX (such as '\(tensor)'); give "
        + "--layout jax, or --layout torch if they are first"
    case .otherBias(let tensor, let outputs, let bias):
      "'\(tensor)' is read with \(outputs) outputs, but its bias has \(bias) values; check --layout, and whether it is "
        + "a grouped convolution; --keep leaves it unchanged"
    case .perhapsTransposed(let tensor):
      "kernels named like transposed convolutions are read as outputs x inputs (such as '\(tensor)'), since no bias "
        + "shows their layout; --transposed reads them as inputs x outputs"
    case .attentionByShape(let tensor, let rules):
      (rules == RuleSet.generic.name
        ? "no family's rules fit" : "rules '\(rules)' don't cover all attention weights")
        + ", so attention is treated as plain matrices (such as '\(tensor)'); for W_Q = I and W_K = W_V = 0, name its "
        + "tensors with --identity and --zero, or with --attention if one tensor contains Q, K and V in this order"
    case .perhapsInterleaved(let tensor):
      "--attention assumes all of Q, then K, then V; in most models with 'query_key_value' (such as '\(tensor)') they "
        + "are interleaved by head"
    case .branchEnds(let patterns):
      "residual branches don't start at 0, since no family's rules fit; if the outputs of these weights are added to "
        + "a block's input, give "
        + patterns.map { "--zero '\($0)'" }.joined(separator: " ")
    case .rulesBeforeInitializer(let tensor, let rules, let initializer):
      "rules '\(rules)' set some weights to the identity or 0 with any initializer (such as '\(tensor)'); --plain gives "
        + "every weight \(initializer), for a baseline"
    case .kept(let kind, let tensor): kind.text(tensor)
    case .threeDimensionsKept(let tensor):
      "tensors of three dimensions keep their values (such as '\(tensor)'), since neither 'conv' in their names nor a "
        + "bias shows a convolution; --matrix reads them as outputs x all other dimensions, --keep silences this note"
    case .unknownKept(let tensor):
      "tensors without a rule keep their values (such as '\(tensor)'); --zero, --ones and --matrix change them, --keep "
        + "silences this note"
    case .tied(let tensor, let other):
      "'\(tensor)' is kept like '\(other)', since both are one tensor in the program (tied)"
    case .weightNormalization(let direction, let length):
      "normalized weights get the new weight as direction and its norms as length (such as '\(direction)' and "
        + "'\(length)'); where the weight is 0, the length is 0 and the direction is kept"
    case .unnamedWeight(let tensor):
      "tensors without 'weight' in their names are initialized like layers, outputs first (such as '\(tensor)'); "
        + "--keep leaves embeddings and constants unchanged"
    case .probableEmbedding(let tensor):
      "'\(tensor)' is initialized like a layer, but may be an embedding: it has no bias, and its rows are no layer's "
        + "inputs; --keep leaves it unchanged"
    case .unnamedNormalization(let tensor):
      "vectors named 'weight' become 1, like the scales of normalizations (such as '\(tensor)'), although only the "
        + "name suggests this; --keep leaves others unchanged, such as slopes of PReLU"
    case .singleNonzeroOutput(let tensor):
      "kernels with one input, as in depthwise convolutions, get a partial identity that is 0 except in the first "
        + "output (such as '\(tensor)'); --init IDInit sets a 1 in every output"
    case .gemmaNormalizations(let tensor):
      "normalization weights become 1 (such as '\(tensor)'), but with Gemma's names they probably multiply by "
        + "1 + weight; if so, give --zero '*norm.weight'"
    }
  }
}

extension PreservedKind {
  /// Which tensors keep their values, and why.
  fileprivate func text(_ tensor: String) -> String {
    let (tensors, reason) = words
    return "\(tensors) keep their values (such as '\(tensor)'): \(reason)"
  }

  private var words: (tensors: String, reason: String) {
    switch self {
    case .stackedExperts:
      ("stacked expert weights", "no layer has their shape; --zero makes them 0")
    case .timeConstants:
      ("time constants of recurrent layers", "they determine how long a layer remembers")
    case .fixedTransforms: ("fixed transforms", "they are computed, not trained")
    case .slopes: ("slopes of activations", "a PReLU of slope 1 is the identity")
    case .adapters: ("parts of adapters", "only LoRA's two factors have rules")
    case .parametrizations:
      (
        "parametrized weights",
        "the layer computes its weight from several tensors, as in spectral normalization"
      )
    case .scalars:
      ("scalars", "scales, temperatures and gates have initial values of their own")
    case .broadcasts:
      ("parameters with one row", "without 'weight' in their names they are added or multiplied")
    }
  }
}
