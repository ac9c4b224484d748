// Tensor names, independent of the tool that wrote them.

/// A tensor's name without the affixes of training tools and of TensorFlow.
public struct TensorName: Hashable, Sendable {
  /// The name without affixes: `l1.weight` for `_orig_mod.l1.weight`, `l1/weight` for
  /// `l1/weight:0`.
  public let plain: String

  /// The removed affixes, in the order of the name: `_orig_mod.`, `:0`.
  public let affixes: [String]

  /// Wrapper modules at any place of a name: `torch.compile`, FSDP, activation checkpointing.
  private static let wrappers: Set<Substring> = [
    "_orig_mod", "_fsdp_wrapped_module", "_checkpoint_wrapped_module",
  ]

  /// Wrapper modules that occur only at the beginning: data parallelism, and adapters (PEFT).
  private static let prefixes = ["module.", "base_model.model."]

  /// The suffix of names in TensorFlow's object-based checkpoints.
  private static let variableValue = "/.ATTRIBUTES/VARIABLE_VALUE"

  /// Splits a name.
  ///
  /// - Parameter text: The name in the file.
  public init(_ text: String) {
    var (affixes, endings): ([String], [String]) = ([], [])
    var rest = text[...]
    if rest.hasSuffix(Self.variableValue) {
      rest = rest.dropLast(Self.variableValue.count)
      endings = [Self.variableValue]
    } else if let colon = rest.lastIndex(of: ":"), Self.isNumber(rest[colon...].dropFirst()) {
      endings = [String(rest[colon...])]
      rest = rest[..<colon]
    }
    var parts = rest.split(separator: ".", omittingEmptySubsequences: false)
    parts.removeAll { part in
      guard Self.wrappers.contains(part) else { return false }
      affixes.append(part + ".")
      return true
    }
    var plain = parts.joined(separator: ".")
    while let prefix = Self.prefixes.first(where: plain.hasPrefix) {
      plain.removeFirst(prefix.count)
      affixes.append(prefix)
    }
    // A name that consists of affixes alone is kept whole.
    self.plain = plain.isEmpty ? text : plain
    self.affixes = plain.isEmpty ? [] : affixes + endings
  }

  /// The parts of the plain name, separated by dots and slashes.
  public var parts: [Substring] {
    plain.split(omittingEmptySubsequences: false) { $0 == "." || $0 == "/" }
  }

  /// The last part, for example `weight`.
  public var last: Substring { parts.last ?? "" }

  /// Whether the name is `kernel`, as Flax and Keras call weights, whose outputs are the last
  /// dimension.
  public var isKernel: Bool { last == "kernel" || last.hasSuffix("_kernel") }

  /// Whether the name denotes a depthwise convolution kernel of Keras.
  public var isDepthwiseKernel: Bool { last == "depthwise_kernel" }

  /// The plain name of another tensor of the same module: for `l1.weight` and `bias`, `l1.bias`.
  ///
  /// - Parameter other: The last part of the other name.
  /// - Returns: The name with its last part replaced.
  public func sibling(_ other: String) -> String { plain.dropLast(last.count) + other }

  /// Whether the name denotes stacked expert weights (MoE).
  ///
  /// True for `mlp.experts.gate_up_proj` (Hugging Face) and `block_sparse_moe.input_linear.weight`
  /// (Granite). False for a convolution, and for the tensor of one expert, such as
  /// `experts.3.w1.weight` or `expert_3/conv/kernel`.
  public var isOfStackedExperts: Bool {
    let parts = parts.map { $0.lowercased() }
    guard let place = parts.lastIndex(where: { $0.contains("expert") || $0.hasSuffix("_moe") }),
      !parts.contains(where: { $0.contains("conv") })
    else { return false }
    let ending = parts[place].split(separator: "_").last ?? ""
    return !Self.isNumber(ending) && !parts[(place + 1)...].contains { Self.isNumber($0[...]) }
  }

  private static func isNumber(_ text: Substring) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
  }
}

extension StoredTensor {
  /// The parsed name; for a matrix of a stack, the stack's name.
  public var tensorName: TensorName { TensorName(origin?.name ?? name) }

  /// Whether the tensor stacks expert weights (MoE), one matrix per expert in the last two
  /// dimensions.
  ///
  /// Such a tensor has three dimensions, or four if layers are stacked too, and the name of
  /// experts.
  public var isExpertStack: Bool {
    (3...4).contains(shape.count) && tensorName.isOfStackedExperts
  }
}

extension TensorName {
  /// For the direction v of a normalized weight W = g·v/|v|, the plain names of W and of its length
  /// g.
  ///
  /// - Returns: For `l1.weight_v`, `l1.weight` and `l1.weight_g`; for
  ///   `l1.parametrizations.weight.original1`, `l1.weight` and
  ///   `l1.parametrizations.weight.original0`; `nil` for other names.
  public var normalized: (weight: String, length: String)? {
    if last.hasSuffix("_v"), last.contains("weight") {
      let weight = String(plain.dropLast(2))
      return (weight, weight + "_g")
    }
    let parts = parts
    guard last == "original1", parts.count > 2, parts[parts.count - 3] == "parametrizations" else {
      return nil
    }
    let weight = parts.dropLast(3) + [parts[parts.count - 2]]
    return (weight.joined(separator: "."), sibling("original0"))
  }

  /// Finds the bias of the weight with this name.
  ///
  /// `l1.weight` has `l1.bias`, `in_proj_weight` has `in_proj_bias`, and Haiku's `w` has `b`. The
  /// direction of a normalized weight has the bias of the weight. The bias of a separable
  /// convolution belongs to its pointwise part.
  ///
  /// - Parameter tensor: Looks up a tensor by its plain name.
  /// - Returns: A tensor of any shape; `nil` if there is none.
  public func bias(_ tensor: (_ plainName: String) -> StoredTensor?) -> StoredTensor? {
    if let weight = normalized?.weight { return TensorName(weight).bias(tensor) }
    if isDepthwiseKernel, tensor(sibling("pointwise_kernel")) != nil { return nil }
    let last = String(last)
    let names =
      ["weight", "kernel"].map { last.replacing($0, with: "bias") } + [last == "w" ? "b" : "bias"]
    return names.filter { $0 != last }.compactMap { tensor(sibling($0)) }.first
  }
}
