// Each remark in one line, with what to do about it.

import Initializers

extension PlanRemark: CustomStringConvertible {
  /// The remark and its remedy, in one line.
  public var description: String {
    switch self {
    case .layoutOfMetadata(let layout):
      "the file's metadata name the layout \(layout.rawValue), which is taken; --layout states another one"
    case .outputsProbablyLast(let tensor):
      "outputs are probably last, as in JAX, and were taken to be first ('\(tensor)' for one); give "
        + "--layout jax, or --layout torch if they are first"
    case .otherBias(let tensor, let outputs, let bias):
      "'\(tensor)' was taken to have \(outputs) outputs, but its bias has \(bias) values; is --layout right, or is "
        + "it a convolution in groups? --keep leaves it as it is"
    case .perhapsTransposed(let tensor):
      "kernels named like those of transposed convolutions are taken to be outputs x inputs ('\(tensor)' for "
        + "one), as no bias tells; --transposed makes them inputs x outputs"
    case .plainAttention(let tensor, let rules):
      (rules == RuleSet.generic.name
        ? "no family's rules fit" : "the rules '\(rules)' don't fit all of it")
        + "; attention is treated as plain matrices ('\(tensor)' for one); name its tensors with "
        + "--identity for W_Q = I and --zero for W_K = W_V = 0, or with --attention where one tensor has Q, K "
        + "and V, in this order"
    case .perhapsInterleaved(let tensor):
      "--attention takes all of Q to come first, then K, then V; in most models with 'query_key_value' "
        + "('\(tensor)' for one) each head has its own three in turn"
    case .branchEnds(let patterns):
      "residual branches don't start at 0, as no family's rules fit; if outputs of these weights are added "
        + "to a block's input, give "
        + patterns.map { "--zero '\($0)'" }.joined(separator: " ")
    case .rulesBeforeInitializer(let tensor, let rules, let initializer):
      "the rules '\(rules)' make some weights the identity or 0 whatever the initializer ('\(tensor)' for one); "
        + "--plain gives every weight \(initializer), as a baseline needs"
    case .stays(let kind, let tensor): kind.text(tensor)
    case .threeDimensionsStay(let tensor):
      "tensors of three dimensions keep the values that they have ('\(tensor)' for one), since without 'conv' "
        + "in their names nothing tells what they are; --matrix makes them matrices of outputs x all other "
        + "dimensions, --keep ends this note"
    case .unknownStays(let tensor):
      "tensors that no rule knows keep their values ('\(tensor)' for one); --zero, --ones and --matrix give "
        + "them others, --keep ends this note"
    case .tied(let tensor, let other):
      "'\(tensor)' is kept with '\(other)', as both are one tensor in the program (tied)"
    case .weightNormalization(let direction, let length):
      "of normalized weights, the direction becomes the new weight and the length its norms ('\(direction)' and "
        + "'\(length)' for one); where the weight is 0 the length is 0 and the direction stays"
    case .bareMatrix(let tensor):
      "tensors without 'weight' in their names are initialized like layers ('\(tensor)' for one), outputs first; "
        + "--keep leaves tables and constants as they are"
    case .probableTable(let tensor):
      "'\(tensor)' is initialized like a layer, but may be a table of tokens or positions, as it has no bias and "
        + "its rows are no other layer's inputs; --keep leaves it as it is"
    case .unnamedOnes(let tensor):
      "vectors named 'weight' become 1 like the scales of normalizations, though nothing else says that they are "
        + "('\(tensor)' for one); --keep leaves slopes of PReLU and others as they are"
    case .oneOutputPasses(let tensor):
      "kernels with one input, as those of depthwise convolutions, get a partial identity of which only the "
        + "first output passes ('\(tensor)' for one); --init IDInit has a 1 in every output"
    case .gemmaNorms(let tensor):
      "norms become 1 ('\(tensor)' for one), but with Gemma's names they probably multiply by 1 + weight; "
        + "give --zero '*norm.weight' if they do"
    }
  }
}

extension PreservedKind {
  /// That tensors of the kind stay, and why.
  fileprivate func text(_ tensor: String) -> String {
    let (tensors, reason) = words
    return "\(tensors) keep their values ('\(tensor)' for one), as \(reason)"
  }

  private var words: (tensors: String, reason: String) {
    switch self {
    case .stackedExperts:
      ("stacked expert weights", "no layer has their shape; --zero makes them 0")
    case .timeConstants:
      ("time constants of recurrent layers", "they determine how long a layer remembers")
    case .fixedTransforms: ("fixed transforms", "they are computed and not trained")
    case .slopes: ("slopes of activations", "a PReLU of slope 1 is the identity")
    case .adapters: ("parts of adapters", "only LoRA's two factors have rules")
    case .parametrizations:
      (
        "parametrized weights",
        "the layer computes its weight from several tensors (spectral normalization, for one)"
      )
    case .singleNumbers:
      ("single numbers", "scales, temperatures and gates start at values of their own")
    case .broadcasts:
      ("parameters of one row", "without 'weight' in their names they are added or multiply")
    }
  }
}
