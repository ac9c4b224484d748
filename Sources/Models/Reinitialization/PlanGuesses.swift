// Where a plan has guessed: what each remark looks for.

import Checkpoints
import Initializers

/// What a plan's remarks are made from.
struct PlanGuesses {
  let assignments: [Assignment]
  let model: RuledTensors
  let rules: RuleSet
  let initializer: InitializerEntry
  let isLayoutStated: Bool
  let isPlain: Bool
  let isGenericStated: Bool

  /// All remarks, one per kind.
  var remarks: [PlanRemark] {
    let structure = [onLayout, onBias, onTransposed, onAttention, onInterleaving, onBranches]
    let values = [
      onInitializer, onNormalization, onBareMatrices, onTables, onOnes, onOneInput, onNorms,
    ]
    return (structure + values).compactMap { $0 } + onTies + onWhatStays
  }

  /// The assignments with the names that rules are written for.
  private var named: Zip2Sequence<[Assignment], [StoredTensor]> { zip(assignments, model.tensors) }

  /// Weights that only shapes and common names decide about.
  private var fallen: [Assignment] {
    assignments.filter {
      $0.basis.isGeneric && [.matrix, .convolution].contains($0.treatment)
    }
  }

  // MARK: Where outputs are

  private var onLayout: PlanRemark? {
    guard !isLayoutStated else { return nil }
    return named.first { assignment, tensor in
      assignment.treatment.hasLayout && assignment.layout == .torch
        && (TensorName(tensor.name).isKernel || isOutputsLast(tensor))
    }.map { .outputsProbablyLast(tensor: $0.0.tensor.name) }
  }

  /// Whether the bias has as many values as the last dimension, and not as the first.
  private func isOutputsLast(_ tensor: StoredTensor) -> Bool {
    guard let outputs = model.outputs(ofBiasOf: tensor) else { return false }
    return tensor.shape[0] != outputs && tensor.shape.last == outputs
  }

  private var onBias: PlanRemark? {
    named.lazy.compactMap { assignment, tensor -> PlanRemark? in
      guard assignment.basis.isGeneric, [.matrix, .convolution].contains(assignment.treatment),
        let bias = model.outputs(ofBiasOf: tensor)
      else { return nil }
      let outputs = assignment.torchShape[0]
      guard outputs != bias, isLayoutStated || !isOutputsLast(tensor) else { return nil }
      return .otherBias(tensor: assignment.tensor.name, outputs: outputs, bias: bias)
    }.first
  }

  private var onTransposed: PlanRemark? {
    named.first { assignment, tensor in
      let shape = tensor.shape
      return assignment.treatment == .convolution && assignment.layout == .torch
        && shape[0] != shape[1] && model.outputs(ofBiasOf: tensor) == nil
        && Self.transposed.contains { $0.matches(tensor.name) }
    }.map { .perhapsTransposed(tensor: $0.0.tensor.name) }
  }

  private static let transposed = ["*[Dd]econv*", "*[Tt]ranspose*", "*[Uu]p[Cc]onv*", "*up_conv*"]
    .map(NamePattern.init)

  // MARK: Attention and residual branches

  /// Attention among the weights for which only `generic` had a rule.
  private var onAttention: PlanRemark? {
    guard !isGenericStated else { return nil }
    return fallen.first { assignment in
      isOfAttention(assignment) && !Self.adapters.contains { $0.matches(assignment.tensor.name) }
    }.map { .plainAttention(tensor: $0.tensor.name, rules: rules.name) }
  }

  private func isOfAttention(_ assignment: Assignment) -> Bool {
    Self.attention.contains { $0.matches(assignment.tensor.name) }
  }

  private var onInterleaving: PlanRemark? {
    assignments.first { assignment in
      guard case .own = assignment.basis, case .stacked = assignment.treatment else { return false }
      return assignment.tensor.name.contains("query_key_value")
    }.map { .perhapsInterleaved(tensor: $0.tensor.name) }
  }

  private var onBranches: PlanRemark? {
    guard !isGenericStated, !isPlain, rules.name == RuleSet.generic.name else { return nil }
    // A branch of attention is 0 with W_V = 0; with its last weight 0 as well it would stay 0.
    let patterns = BranchEnds.patterns(among: fallen.filter { !isOfAttention($0) })
    return patterns.isEmpty ? nil : .branchEnds(patterns: patterns)
  }

  private static let attention = [
    "*attn*", "*[Aa]ttention*", "*qkv*", "*in_proj_weight", "*q_proj*", "*to_q.*",
  ].map(NamePattern.init)

  /// LoRA's other factor: with a second factor of 0 it changes nothing of attention.
  private static let adapters = ["*lora_A*", "*lora_down*", "*lora*.down.weight"]
    .map(NamePattern.init)

  // MARK: New values

  /// Weights that the rules give the identity or 0, beside an initializer that the rules are not part of.
  private var onInitializer: PlanRemark? {
    guard !isPlain, !(initializer.initializer is ZerO) else { return nil }
    return assignments.first { assignment in
      assignment.basis.isOfFamily && assignment.tensor.shape.count > 1
        && assignment.treatment.plain(assignment.tensor.shape, layout: assignment.layout)
          != assignment.treatment
    }.map {
      .rulesBeforeInitializer(
        tensor: $0.tensor.name, rules: rules.name, initializer: initializer.name)
    }
  }

  private var onNormalization: PlanRemark? {
    assignments.lazy.compactMap { $0.treatment == .norms ? $0.normalization : nil }.first.map {
      .weightNormalization(direction: $0.direction.name, length: $0.length.name)
    }
  }

  private var onBareMatrices: PlanRemark? {
    fallen.first { assignment in
      guard case .rule = assignment.basis, assignment.normalization == nil else { return false }
      return !TensorName(assignment.tensor.name).isWeight
    }.map { .bareMatrix(tensor: $0.tensor.name) }
  }

  private var onTables: PlanRemark? { ProbableTable.first(among: fallen, in: model) }

  private var onOnes: PlanRemark? {
    named.first { assignment, tensor in
      assignment.basis.isGeneric && assignment.treatment == .ones && tensor.shape.count == 1
        && TensorName(tensor.name).last.hasSuffix("weight") && model.bias(of: tensor) == nil
        && !Self.normalizations.contains { tensor.name.lowercased().contains($0) }
    }.map { .unnamedOnes(tensor: $0.0.tensor.name) }
  }

  private static let normalizations = ["norm", "ln", "bn", "gn", "rms", "scale", "gamma"]

  /// Kernels of depthwise convolutions, or of pictures with one channel, under a partial identity.
  private var onOneInput: PlanRemark? {
    assignments.first { assignment in
      let shape = assignment.tensor.shape
      guard shape.count > 2 else { return false }
      let isIdentity =
        assignment.treatment == .identity
        || assignment.treatment == .convolution && initializer.initializer is PartialIdentity
      return isIdentity && assignment.torchShape[0] > 1 && assignment.torchShape[1] == 1
    }.map { .oneOutputPasses(tensor: $0.tensor.name) }
  }

  /// Norms of 1 that Gemma would add another 1 to.
  private var onNorms: PlanRemark? {
    assignments.first { $0.treatment == .ones && RuleSet.gemmaNorm.matches($0.tensor.name) }
      .map { .gemmaNorms(tensor: $0.tensor.name) }
  }

  // MARK: What stays

  private var onTies: [PlanRemark] {
    assignments.compactMap { assignment in
      guard case .other(let name) = assignment.basis, assignment.treatment == .keep,
        assignment.normalization == nil, model.normalizations[assignment.tensor.name] == nil
      else { return nil }
      return .tied(tensor: assignment.tensor.name, with: name)
    }
  }

  private var onWhatStays: [PlanRemark] {
    let kinds = PreservedKind.allCases.compactMap { kind in
      assignments.first { $0.basis == .preserved(kind) }
        .map { PlanRemark.stays(kind, tensor: $0.tensor.name) }
    }
    let unknown = assignments.map(\.tensor).enumerated()
      .filter { place, tensor in
        assignments[place].basis == .nothing && tensor.format != nil && tensor.count > 0
      }.map(\.element)
    let three = unknown.first { $0.shape.count == 3 }
      .map { PlanRemark.threeDimensionsStay(tensor: $0.name) }
    let other = unknown.first { $0.shape.count != 3 }
      .map { PlanRemark.unknownStays(tensor: $0.name) }
    return kinds + [three, other].compactMap { $0 }
  }
}
