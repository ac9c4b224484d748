// Finds the guesses of a plan that deserve a remark.

import ZerOCheckpoints
import ZerOInitializers
import ZerONamePatterns

/// Finds the remarks of a plan.
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
      onInitializer, onNormalization, onUnnamedWeights, onEmbeddings, onOnes, onOneInput, onNorms,
    ]
    return (structure + values).compactMap { $0 } + onTies + onKept
  }

  /// The assignments with the normalized tensors.
  private var named: Zip2Sequence<[Assignment], [StoredTensor]> { zip(assignments, model.tensors) }

  /// Weights whose treatment comes from shapes and common names alone.
  private var genericWeights: [Assignment] {
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

  /// Whether the number of bias values equals the last dimension and not the first.
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

  /// Attention weights without a rule other than `generic`'s.
  private var onAttention: PlanRemark? {
    guard !isGenericStated, !isPlain else { return nil }
    return genericWeights.first { assignment in
      isOfAttention(assignment) && !Self.adapters.contains { $0.matches(assignment.tensor.name) }
    }.map { .attentionByShape(tensor: $0.tensor.name, rules: rules.name) }
  }

  private func isOfAttention(_ assignment: Assignment) -> Bool {
    Self.attention.contains { $0.matches(assignment.tensor.name) }
  }

  private var onInterleaving: PlanRemark? {
    assignments.first { assignment in
      guard case .user = assignment.basis, case .stacked = assignment.treatment else {
        return false
      }
      return assignment.tensor.name.contains("query_key_value")
    }.map { .perhapsInterleaved(tensor: $0.tensor.name) }
  }

  private var onBranches: PlanRemark? {
    guard !isGenericStated, !isPlain, rules.name == RuleSet.generic.name else { return nil }
    // An attention branch is already 0 with W_V = 0; if its last weight were 0 too, it could never
    // train.
    let patterns = BranchEnds.patterns(among: genericWeights.filter { !isOfAttention($0) })
    return patterns.isEmpty ? nil : .branchEnds(patterns: patterns)
  }

  private static let attention = [
    "*attn*", "*[Aa]ttention*", "*qkv*", "*in_proj_weight", "*q_proj*", "*to_q.*",
  ].map(NamePattern.init)

  /// LoRA's first factor: with its second factor at 0, the adapter leaves attention unchanged.
  private static let adapters = ["*lora_A*", "*lora_down*", "*lora*.down.weight"]
    .map(NamePattern.init)

  // MARK: New values

  /// Weights that the family's rules set to the identity or 0, with an initializer other than ZerO.
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

  private var onUnnamedWeights: PlanRemark? {
    genericWeights.first { assignment in
      guard case .rule = assignment.basis, assignment.normalization == nil else { return false }
      return !TensorName(assignment.tensor.name).isWeight
    }.map { .unnamedWeight(tensor: $0.tensor.name) }
  }

  private var onEmbeddings: PlanRemark? {
    ProbableEmbedding.first(among: genericWeights, in: model)
  }

  private var onOnes: PlanRemark? {
    named.first { assignment, tensor in
      assignment.basis.isGeneric && assignment.treatment == .ones && tensor.shape.count == 1
        && TensorName(tensor.name).last.hasSuffix("weight") && model.bias(of: tensor) == nil
        && !Self.normalizations.contains { tensor.name.lowercased().contains($0) }
    }.map { .unnamedNormalization(tensor: $0.0.tensor.name) }
  }

  private static let normalizations = ["norm", "ln", "bn", "gn", "rms", "scale", "gamma"]

  /// Convolution kernels with one input channel, under a partial identity.
  private var onOneInput: PlanRemark? {
    assignments.first { assignment in
      let shape = assignment.tensor.shape
      guard shape.count > 2 else { return false }
      let isIdentity =
        assignment.treatment == .identity
        || assignment.treatment == .convolution && initializer.initializer is PartialIdentity
      return isIdentity && assignment.torchShape[0] > 1 && assignment.torchShape[1] == 1
    }.map { .singleNonzeroOutput(tensor: $0.tensor.name) }
  }

  /// Normalization weights that are 1, to which Gemma adds another 1.
  private var onNorms: PlanRemark? {
    assignments.first {
      $0.treatment == .ones && RuleSet.gemmaNormalization.matches($0.tensor.name)
    }
    .map { .gemmaNormalizations(tensor: $0.tensor.name) }
  }

  // MARK: Kept tensors

  private var onTies: [PlanRemark] {
    assignments.compactMap { assignment in
      guard case .other(let name) = assignment.basis, assignment.treatment == .keep,
        assignment.normalization == nil, model.normalizations[assignment.tensor.name] == nil
      else { return nil }
      return .tied(tensor: assignment.tensor.name, with: name)
    }
  }

  private var onKept: [PlanRemark] {
    let kinds = PreservedKind.allCases.compactMap { kind in
      assignments.first { $0.basis == .preserved(kind) }
        .map { PlanRemark.kept(kind, tensor: $0.tensor.name) }
    }
    let unknown = assignments.map(\.tensor).enumerated()
      .filter { place, tensor in
        assignments[place].basis == .nothing && tensor.format != nil && tensor.count > 0
      }.map(\.element)
    let three = unknown.first { $0.shape.count == 3 }
      .map { PlanRemark.threeDimensionsKept(tensor: $0.name) }
    let other = unknown.first { $0.shape.count != 3 }
      .map { PlanRemark.unknownKept(tensor: $0.name) }
    return kinds + [three, other].compactMap { $0 }
  }
}

/// Recognizes embeddings that no name shows.
enum ProbableEmbedding {
  /// The first weight that is probably an embedding.
  ///
  /// An embedding has no bias and more rows than columns, and no layer has as many inputs as it has
  /// rows. Some layers meet these conditions too, so names of layers are excluded.
  ///
  /// - Parameters:
  ///   - weights: Weights without a family's rule that are treated as matrices.
  ///   - model: All tensors.
  /// - Returns: `nil` if there is none.
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
    }.map { .probableEmbedding(tensor: $0.tensor.name) }
  }

  /// Parts of the names of output layers and other dense layers.
  private static let layers = [
    "head", "fc", "classif", "logit", "out", "decode", "predict", "final", "lora_", "proj",
    "linear",
    "dense", "mlp", "ffn", "feed_forward", "attn", "attention", "gate", "qkv",
  ]
}
