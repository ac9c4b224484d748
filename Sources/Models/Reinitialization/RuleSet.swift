// The rules for the models of one family. THE list of them is `catalog`: the command line and the tests read it.

public import Checkpoints
public import Initializers
import Messages

/// Rules for models of one family, by the names of their tensors.
///
/// The first rule that holds for a tensor is taken. A tensor for which none holds falls to `generic`, which goes by
/// shapes, and one for which none of those holds is kept.
public struct RuleSet: Sendable {
  /// The name, as it is typed.
  public let name: String

  /// One line for listings: which models.
  public let summary: String

  /// How a model of the family is known: each rule of one of these lists holds for some tensor.
  public let signatures: [[TensorRule]]

  /// The rules, in order.
  public let rules: [TensorRule]

  /// Every set, the more special ones first.
  public static let catalog: [RuleSet] = [resnet, gpt2, nanoGPT, llama, vit, bert, generic]

  /// The names, in the order of the catalog.
  public static var names: [String] { catalog.map(\.name) }

  /// Looks a set up.
  ///
  /// - Parameter name: As in the catalog.
  /// - Returns: The set.
  /// - Throws: `ReinitializationError.unknownRules`, whose text suggests the nearest name.
  public static func named(_ name: String) throws(ReinitializationError) -> RuleSet {
    guard let set = catalog.first(where: { $0.name == name }) else { throw .unknownRules(name) }
    return set
  }

  /// The family that a model's tensors tell.
  ///
  /// - Parameters:
  ///   - tensors: The model's.
  ///   - layout: Where their outputs and inputs are.
  /// - Returns: The first set of the catalog that they fit; `generic` fits all.
  public static func detected(from tensors: [StoredTensor], layout: TensorLayout) -> RuleSet {
    catalog.first { $0.missing(in: tensors, layout: layout).isEmpty } ?? generic
  }

  /// What a model lacks of the family.
  ///
  /// - Parameters:
  ///   - tensors: The model's.
  ///   - layout: Where their outputs and inputs are.
  /// - Returns: The patterns that no tensor fits, of the signature that comes nearest; none for a model of the family.
  func missing(in tensors: [StoredTensor], layout: TensorLayout) -> [NamePattern] {
    let names = Set(tensors.map(\.name))
    let lacks = signatures.map { signature in
      signature.filter { rule in
        !tensors.contains { rule.holds(for: $0, among: names, layout: layout) }
      }.map(\.pattern)
    }
    return lacks.min { $0.count < $1.count } ?? []
  }

  /// Where a tensor has its outputs, as the family's names tell.
  ///
  /// - Parameters:
  ///   - tensor: One of a model of the family.
  ///   - names: Those of all the model's tensors.
  /// - Returns: `nil` where the rule for it, if there is one, goes by what the file is said to have.
  public func layout(of tensor: StoredTensor, among names: Set<String>) -> TensorLayout? {
    rule(for: tensor, among: names, layout: .torch)?.rule.layout
  }

  /// The rule for a tensor, and the set that it is from: this one, or `generic`.
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
