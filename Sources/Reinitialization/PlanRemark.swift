// What may not be as a model's author meant it, though nothing forbids it.

import Checkpoints
import Initializers

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
    }
  }

  /// What a plan without a word about the layout took to be PyTorch's.
  static func onLayout(of assignments: [Assignment]) -> PlanRemark? {
    assignments.first { assignment in
      assignment.treatment.hasLayout && assignment.layout == .torch
        && kernels.contains { $0.matches(assignment.tensor.name) }
    }.map { .outputsProbablyLast(tensor: $0.tensor.name) }
  }

  /// Attention among the weights for which only `generic` had a rule.
  static func onAttention(of fallen: [Assignment], rules: RuleSet) -> PlanRemark? {
    fallen.first { assignment in
      let name = assignment.tensor.name
      return [.matrix, .convolution].contains(assignment.treatment)
        && attention.contains { $0.matches(name) } && !adapters.matches(name)
    }.map { .plainAttention(tensor: $0.tensor.name, rules: rules.name) }
  }

  /// Weights among the tensors that no rule was for.
  static func onThreeExtents(of unknown: [Assignment]) -> PlanRemark? {
    unknown.map(\.tensor).first {
      $0.shape.count == 3 && !$0.shape.contains(0) && $0.format != nil
    }.map { .threeExtentsStay(tensor: $0.name) }
  }

  /// Kernels of depthwise convolutions, or of pictures with one channel, under a partial identity.
  static func onOneInput(of assignments: [Assignment], by initializer: any Initializer)
    -> PlanRemark?
  {
    assignments.first { assignment in
      let shape = assignment.tensor.shape
      guard shape.count > 2 else { return false }
      let isIdentity =
        assignment.treatment == .identity
        || assignment.treatment == .convolution && initializer is PartialIdentity
      let extents = assignment.layout.torchExtents(of: shape)
      return isIdentity && extents[0] > 1 && extents[1] == 1
    }.map { .oneOutputPasses(tensor: $0.tensor.name) }
  }

  private static let attention = [
    "*attn*", "*[Aa]ttention*", "*qkv*", "*in_proj_weight", "*q_proj*", "*to_q.*",
  ].map(NamePattern.init)

  /// LoRA's other factor: with a `lora_B` of 0 it changes nothing of attention.
  private static let adapters = NamePattern("*lora_A*")

  /// Flax's and Haiku's slashes, points where those were turned into points.
  private static let kernels = ["kernel", "*/kernel", "*.kernel"].map(NamePattern.init)
}
