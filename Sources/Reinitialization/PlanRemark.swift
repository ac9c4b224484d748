// What may not be as a model's author meant it, though nothing forbids it.

/// A guess of a plan that a person should know of.
public enum PlanRemark: Equatable, Sendable, CustomStringConvertible {
  /// A tensor with the name that JAX's and Keras's libraries give to weights, whose outputs are last, in a plan
  /// that nobody told where outputs are.
  case outputsProbablyLast(tensor: String)

  /// A weight of attention that no rule of its family fits, and that shapes decide about.
  case plainAttention(tensor: String, rules: String)

  /// Experts' matrices in one tensor, which keep what was trained.
  case expertsStay(tensor: String)

  /// A tensor of three extents that no rule knows, which keeps what was trained.
  case threeExtentsStay(tensor: String)

  /// A kernel with one input and several outputs that becomes a partial identity: one of its outputs is not 0.
  case oneOutputPasses(tensor: String)

  /// A norm that becomes 1 with the names of Gemma 2 and 3, which multiply by 1 + weight.
  case gemmaNorms(tensor: String)

  /// The remark and its mend, in one line.
  public var description: String {
    switch self {
    case .outputsProbablyLast(let tensor):
      "outputs are probably last, as JAX has them, and were taken to be first ('\(tensor)' for one); give "
        + "--layout jax, or --layout torch if they are first"
    case .plainAttention(let tensor, let rules):
      (rules == RuleSet.generic.name
        ? "no family's rules fit" : "the rules '\(rules)' don't fit all of it")
        + "; attention is treated as plain matrices ('\(tensor)' for one); name its tensors with "
        + "--identity for W_Q = I and --zero for W_K = W_V = 0"
    case .expertsStay(let tensor):
      "stacks of matrices keep the values that they have ('\(tensor)' for one), since no layer has their "
        + "shape; --zero makes them 0"
    case .threeExtentsStay(let tensor):
      "tensors of three extents keep the values that they have ('\(tensor)' for one), since without 'conv' "
        + "in their names nothing tells what they are; --matrix makes them matrices of outputs x all other "
        + "extents, --keep ends this note"
    case .oneOutputPasses(let tensor):
      "kernels with one input, as those of depthwise convolutions, get a partial identity of which only the "
        + "first output passes ('\(tensor)' for one); --init IDInit has a 1 in every output"
    case .gemmaNorms(let tensor):
      "norms become 1 ('\(tensor)' for one), but with Gemma's names they probably multiply by 1 + weight; "
        + "give --zero '*norm.weight' if they do"
    }
  }
}
