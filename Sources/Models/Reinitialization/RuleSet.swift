// Rule sets for families of models; `RuleSet.catalog` is the list that the command line and the
// tests use.

public import ZerOCheckpoints
public import ZerOInitializers
import ZerOMessages
import ZerONamePatterns

/// Rules for the models of one family, by tensor name.
///
/// The first rule that applies to a tensor determines its treatment. If none does, `generic`
/// decides by shape; if no rule of `generic` applies, the tensor is kept.
public struct RuleSet: Sendable {
  /// The name on the command line.
  public let name: String

  /// A model belongs to the family if every rule of one of these lists applies to some tensor.
  public let signatures: [[TensorRule]]

  /// The rules, in order of precedence.
  public let rules: [TensorRule]

  /// Every rule set, specific families before general ones.
  public static let catalog: [RuleSet] = [resnet, gpt2, nanoGPT, llama, vit, bert, generic]

  /// The names, in the order of the catalog.
  public static var names: [String] { catalog.map(\.name) }

  /// Finds a rule set by name.
  ///
  /// - Parameter name: A name of the catalog.
  /// - Returns: The rule set.
  /// - Throws: `ReinitializationError.unknownRules`, which suggests the nearest name.
  public static func named(_ name: String) throws(ReinitializationError) -> RuleSet {
    guard let set = catalog.first(where: { $0.name == name }) else { throw .unknownRules(name) }
    return set
  }

  /// Detects the family of a model.
  ///
  /// - Parameters:
  ///   - tensors: The model's tensors.
  ///   - layout: Their layout.
  /// - Returns: The first rule set of the catalog that fits; `generic` fits every model.
  public static func detected(from tensors: [StoredTensor], layout: TensorLayout) -> RuleSet {
    catalog.first { $0.missing(in: tensors, layout: layout).isEmpty } ?? generic
  }

  /// The patterns of the nearest signature that match no tensor.
  ///
  /// - Parameters:
  ///   - tensors: The model's tensors.
  ///   - layout: Their layout.
  /// - Returns: Empty for a model of the family.
  func missing(in tensors: [StoredTensor], layout: TensorLayout) -> [NamePattern] {
    let names = Set(tensors.map(\.name))
    let lacks = signatures.map { signature in
      signature.filter { rule in
        !tensors.contains { rule.holds(for: $0, among: names, layout: layout) }
      }.map(\.pattern)
    }
    return lacks.min { $0.count < $1.count } ?? []
  }

  /// The layout of a tensor that the family's rules determine.
  ///
  /// - Parameters:
  ///   - tensor: A tensor of a model of the family.
  ///   - names: The names of all the model's tensors.
  /// - Returns: `nil` if no rule applies, or the rule uses the layout of the file.
  public func layout(of tensor: StoredTensor, among names: Set<String>) -> TensorLayout? {
    rule(for: tensor, among: names, layout: .torch)?.rule.layout
  }

  /// The first rule that applies to a tensor, and its set: this one, or `generic`.
  func rule(for tensor: StoredTensor, among names: Set<String>, layout: TensorLayout)
    -> (rule: TensorRule, set: RuleSet)?
  {
    for set in [self, .generic] {
      if let rule = set.rules.first(where: { $0.holds(for: tensor, among: names, layout: layout) })
      {
        return (rule, set)
      }
    }
    return nil
  }
}
