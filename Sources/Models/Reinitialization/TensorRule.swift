// Rules that map tensor names to treatments, and the user's rules.

import ZerOCheckpoints
public import ZerOInitializers
public import ZerONamePatterns

/// A treatment for tensors with matching names.
public struct TensorRule: Equatable, Sendable {
  /// The pattern of the names.
  public private(set) var pattern: NamePattern

  /// The treatment.
  public let treatment: Treatment

  /// The required number of dimensions; `nil` for any number that fits the treatment.
  public let dimensions: Int?

  /// The layout of the tensors; `nil` for the layout of the file.
  public let layout: TensorLayout?

  /// The rule doesn't apply if this tensor exists in the same block.
  public let unlessBeside: String?

  /// The rule applies only if this tensor exists in the same block.
  public let beside: String?

  /// Creates a rule.
  ///
  /// - Parameters:
  ///   - pattern: The pattern of the names (see `NamePattern`).
  ///   - treatment: The treatment.
  ///   - dimensions: The required number of dimensions; `nil` for any number that fits the
  ///     treatment.
  ///   - layout: The layout of the tensors; `nil` for the layout of the file.
  ///   - unlessBeside: The end of another name, which replaces as many parts of the tensor's name.
  ///     With `conv3.weight`, the rule doesn't apply to `layer1.0.conv2.weight` if the model has
  ///     `layer1.0.conv3.weight`; with `bias`, it doesn't apply to `time_emb.weight` if there is
  ///     `time_emb.bias`.
  ///   - beside: The end of another name, of a tensor that must exist.
  public init(
    _ pattern: String, _ treatment: Treatment, dimensions: Int? = nil, layout: TensorLayout? = nil,
    unlessBeside: String? = nil, beside: String? = nil
  ) {
    self.pattern = NamePattern(pattern)
    self.treatment = treatment
    self.dimensions = dimensions
    self.layout = layout
    self.unlessBeside = unlessBeside
    self.beside = beside
  }

  /// Interprets the pattern among known names: a pattern that is one of them is literal.
  func resolved(among names: Set<String>) -> TensorRule {
    var rule = self
    rule.pattern = pattern.resolved(among: names)
    return rule
  }

  /// Whether the rule applies to a tensor.
  ///
  /// - Parameters:
  ///   - tensor: The tensor in its file.
  ///   - names: The names of all tensors.
  ///   - fileLayout: The layout of the file.
  /// - Returns: Whether name, dimensions, type and neighbors meet the rule's conditions.
  func holds(for tensor: StoredTensor, among names: Set<String>, layout fileLayout: TensorLayout)
    -> Bool
  {
    guard pattern.matches(tensor.name), dimensions == nil || dimensions == tensor.shape.count,
      treatment.fits(tensor.shape, layout: layout ?? fileLayout),
      treatment.suits(type: tensor.type, isFloatingPoint: tensor.format != nil)
    else { return false }
    func isThere(_ end: String) -> Bool { names.contains(Self.neighbor(of: tensor.name, end)) }
    return !(unlessBeside.map(isThere) ?? false) && beside.map(isThere) ?? true
  }

  /// Replaces the last parts of a tensor's name.
  private static func neighbor(of name: String, _ end: String) -> String {
    let isSeparator: (Character) -> Bool = { $0 == "." || $0 == "/" }
    var rest = name[...]
    for _ in end.split(separator: ".") {
      guard let separator = rest.lastIndex(where: isSeparator) else { return end }
      rest = rest[..<separator]
    }
    return name[...rest.endIndex] + end
  }
}

/// The user's rules, which take precedence over a rule set.
///
/// If several match a tensor, the most specific pattern wins, in any order: the tensor's own name,
/// or else the pattern with the most characters other than `*`, `?`, `[` and `]`. For example, `*`
/// kept and `fc.weight` as a matrix changes only `fc.weight`.
public struct Overrides: Sendable {
  /// The rules.
  public let rules: [TensorRule]

  /// Creates overrides.
  public init(_ rules: [TensorRule] = []) { self.rules = rules }

  /// The rule for a tensor, if there is one.
  ///
  /// - Throws: `ReinitializationError.ambiguousPatterns` if two equally specific patterns demand
  ///   different treatments.
  func rule(for name: String) throws(ReinitializationError) -> TensorRule? {
    let matching = rules.filter { $0.pattern.matches(name) }
    guard let best = matching.map({ $0.pattern.exactness(for: name) }).max() else { return nil }
    let candidates = matching.filter { $0.pattern.exactness(for: name) == best }
    if let other = candidates.first(where: { $0.treatment != candidates[0].treatment }) {
      throw .ambiguousPatterns(tensor: name, first: candidates[0], second: other)
    }
    return candidates.first
  }
}
