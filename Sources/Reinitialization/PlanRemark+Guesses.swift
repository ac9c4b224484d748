// Where a plan has guessed: what each remark looks for.

import Checkpoints
import Initializers

extension PlanRemark {
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

  /// Norms of 1 that Gemma would add another 1 to.
  static func onNorms(of assignments: [Assignment]) -> PlanRemark? {
    assignments.first { $0.treatment == .ones && RuleSet.gemmaNorm.matches($0.tensor.name) }
      .map { .gemmaNorms(tensor: $0.tensor.name) }
  }

  private static let attention = [
    "*attn*", "*[Aa]ttention*", "*qkv*", "*in_proj_weight", "*q_proj*", "*to_q.*",
  ].map(NamePattern.init)

  /// LoRA's other factor: with a `lora_B` of 0 it changes nothing of attention.
  private static let adapters = NamePattern("*lora_A*")

  /// Flax's and Haiku's slashes, points where those were turned into points.
  private static let kernels = ["kernel", "*/kernel", "*.kernel"].map(NamePattern.init)
}
