// Which tensors are treated how.

public import Checkpoints
public import Initializers

/// A treatment, and the names of the tensors that get it.
public struct TensorRule: Equatable, Sendable {
  /// The tensors' names.
  public private(set) var pattern: NamePattern

  /// What becomes of them.
  public let treatment: Treatment

  /// The number of extents that they have; `nil` for any that the treatment fits.
  public let extents: Int?

  /// Where their outputs and inputs are; `nil` for what the file is said to have.
  public let layout: TensorLayout?

  /// The rule doesn't hold for a tensor in whose block there is one of this name as well.
  public let unlessBeside: String?

  /// The rule holds only for a tensor in whose block there is one of this name as well.
  public let beside: String?

  /// Makes a rule.
  ///
  /// - Parameters:
  ///   - pattern: The tensors' names, as a shell matches them.
  ///   - treatment: What becomes of them.
  ///   - extents: The number of extents that they have; `nil` for any that the treatment fits.
  ///   - layout: Where their outputs and inputs are; `nil` for what the file is said to have.
  ///   - unlessBeside: The end of a name, which takes the place of as many parts of the tensor's. With `conv3.weight`
  ///     the rule doesn't hold for `layer1.0.conv2.weight` in a model that has `layer1.0.conv3.weight`, with `bias`
  ///     not for `time_emb.weight` in one that has `time_emb.bias`.
  ///   - beside: The same of a tensor that must be there.
  public init(
    _ pattern: String, _ treatment: Treatment, extents: Int? = nil, layout: TensorLayout? = nil,
    unlessBeside: String? = nil, beside: String? = nil
  ) {
    self.pattern = NamePattern(pattern)
    self.treatment = treatment
    self.extents = extents
    self.layout = layout
    self.unlessBeside = unlessBeside
    self.beside = beside
  }

  /// The rule where some names are known: a pattern that is one of them is that name.
  func resolved(among names: Set<String>) -> TensorRule {
    var rule = self
    rule.pattern = pattern.resolved(among: names)
    return rule
  }

  /// Whether the rule holds for a tensor.
  ///
  /// - Parameters:
  ///   - tensor: In its file.
  ///   - names: Those of all tensors.
  ///   - fileLayout: Where the file is said to have outputs and inputs.
  /// - Returns: Whether name, extents, type and neighbors are those of the rule.
  func holds(for tensor: StoredTensor, among names: Set<String>, layout fileLayout: TensorLayout)
    -> Bool
  {
    guard pattern.matches(tensor.name), extents == nil || extents == tensor.shape.count,
      treatment.fits(tensor.shape, layout: layout ?? fileLayout),
      treatment.suits(type: tensor.type, isFloatingPoint: tensor.format != nil)
    else { return false }
    func isThere(_ end: String) -> Bool { names.contains(Self.neighbor(of: tensor.name, end)) }
    return !(unlessBeside.map(isThere) ?? false) && beside.map(isThere) ?? true
  }

  /// The name whose end takes the place of as many parts of a tensor's.
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
