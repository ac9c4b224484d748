// What a tensor's name says, whichever tool wrote it.

/// A tensor's name and its parts, without the additions of training tools and of TensorFlow.
public struct TensorName: Hashable, Sendable {
  /// The name without the additions: `_orig_mod.l1.weight` and `l1/weight:0` are `l1.weight` and `l1/weight`.
  public let plain: String

  /// The additions, in the order of the name: `_orig_mod.`, `:0`.
  public let additions: [String]

  /// Modules that wrap another one: `torch.compile`, fully sharded data parallelism, activation checkpointing.
  private static let wrappers: Set<Substring> = [
    "_orig_mod", "_fsdp_wrapped_module", "_checkpoint_wrapped_module",
  ]

  /// Wrappers that are one only in front of the name: data parallelism, adapters (PEFT).
  private static let prefixes = ["module.", "base_model.model."]

  /// The end of the names in TensorFlow's object-based checkpoints.
  private static let variableValue = "/.ATTRIBUTES/VARIABLE_VALUE"

  /// Takes a name apart.
  ///
  /// - Parameter text: As the file has it.
  public init(_ text: String) {
    var (additions, endings): ([String], [String]) = ([], [])
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
      additions.append(part + ".")
      return true
    }
    var plain = parts.joined(separator: ".")
    while let prefix = Self.prefixes.first(where: plain.hasPrefix) {
      plain.removeFirst(prefix.count)
      additions.append(prefix)
    }
    // A name of nothing but additions is a name of its own.
    self.plain = plain.isEmpty ? text : plain
    self.additions = plain.isEmpty ? [] : additions + endings
  }

  /// The parts of the plain name, at points and slashes.
  public var parts: [Substring] {
    plain.split(omittingEmptySubsequences: false) { $0 == "." || $0 == "/" }
  }

  /// The last part: `weight`.
  public var last: Substring { parts.last ?? "" }

  /// Whether it is the name that Flax and Keras give to a weight, whose outputs are last.
  public var isKernel: Bool { last == "kernel" || last.hasSuffix("_kernel") }

  /// Whether it is the name that Keras gives to the kernel of a depthwise convolution.
  public var isDepthwiseKernel: Bool { last == "depthwise_kernel" }

  /// The plain name of a tensor of the same module: of `l1.weight` and `bias`, `l1.bias`.
  ///
  /// - Parameter other: The last part of the other name.
  /// - Returns: The name with its last part replaced.
  public func sibling(_ other: String) -> String { plain.dropLast(last.count) + other }

  /// Whether the weights of all experts of a mixture are stacked in one tensor, as far as its name tells.
  ///
  /// True for `mlp.experts.gate_up_proj` (Hugging Face) and `block_sparse_moe.input_linear.weight` (Granite). False for
  /// one expert's own tensor, such as `experts.3.w1.weight` or `expert_3/conv/kernel`, and for a convolution.
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
  /// What the name tells; a matrix of a stack has the stack's.
  public var tensorName: TensorName { TensorName(origin?.name ?? name) }

  /// The weights of all experts of a mixture in one tensor: the last two dimensions are a matrix of one expert.
  ///
  /// Three dimensions, or four where the layers are stacked as well, and a name of experts.
  public var isExpertStack: Bool {
    (3...4).contains(shape.count) && tensorName.isOfStackedExperts
  }
}
