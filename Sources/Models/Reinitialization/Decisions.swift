// Which rule holds for a tensor of a model.

import Checkpoints
import Initializers

/// What is known when the tensors of a model are decided about.
struct Decisions {
  /// The model's tensors as they are stored.
  let stored: [StoredTensor]

  /// The same under the names that rules are written for.
  let model: RuledTensors

  /// The family's.
  let rules: RuleSet

  /// The user's.
  let overrides: Overrides

  /// Where the file has outputs and inputs.
  let layout: TensorLayout

  /// Whether every weight gets the initializer's values, those included for which the family has others.
  let isPlain: Bool

  /// What makes the weights.
  let initializer: InitializerEntry

  /// Where each tensor is, by its stored name.
  private let places: [String: Int]

  /// Takes what is known.
  init(
    stored: [StoredTensor], model: RuledTensors, rules: RuleSet, overrides: Overrides,
    layout: TensorLayout, isPlain: Bool, initializer: InitializerEntry
  ) {
    (self.stored, self.model, self.rules, self.overrides) = (stored, model, rules, overrides)
    (self.layout, self.isPlain, self.initializer) = (layout, isPlain, initializer)
    places = Dictionary(zip(stored.map(\.name), stored.indices)) { first, _ in first }
  }

  /// All decisions, in the order of the file.
  ///
  /// - Throws: `ReinitializationError` for what the user's own rules or the initializer can't do.
  func assignments() throws -> [Assignment] {
    var assignments: [Assignment] = []
    for place in stored.indices {
      let assignment = try assignment(for: place)
      try check(assignment)
      assignments.append(assignment)
    }
    return try Ties.kept(assignments)
  }

  private func assignment(for place: Int) throws(ReinitializationError) -> Assignment {
    let (tensor, named) = (stored[place], model.tensors[place])
    let pair = model.normalizations[tensor.name]
    if let own = try overrides.rule(for: tensor.name) {
      return try assignment(tensor, own, pair?.direction.name == tensor.name ? pair : nil)
    }
    if let pair, pair.length.name == tensor.name {
      let other = Assignment.Basis.other(pair.direction.name)
      guard let direction = places[pair.direction.name],
        try assignment(for: direction).treatment != .keep
      else { return Assignment(tensor, .keep, layout, other) }
      return Assignment(tensor, .norms, layout, other, pair)
    }
    if let kind = PreservedKind.byName(named, in: model) {
      return Assignment(tensor, .keep, layout, .preserved(kind))
    }
    for alias in model.aliases[tensor.name] ?? [] {
      if rules.rule(for: alias, among: model.names, layout: layout)?.rule.treatment == .keep {
        return Assignment(tensor, .keep, layout, .other(alias.name))
      }
    }
    return ruled(tensor, named, pair)
  }

  /// A rule of the family or of `generic`, corrected by what the neighbors tell.
  private func ruled(_ tensor: StoredTensor, _ named: StoredTensor, _ pair: WeightNormalization?)
    -> Assignment
  {
    let found = rules.rule(for: named, among: model.names, layout: layout)
    let isOfFamily = found.map { $0.set.name != RuleSet.generic.name } ?? false
    let isKept = found?.rule.treatment == .keep
    if !isOfFamily, let (treatment, words) = model.told(of: named, layout: layout),
      !isKept || treatment == .zeros
    {
      let layout =
        treatment == .convolution ? model.layout(ofKernel: named, in: layout) : layout
      return Assignment(tensor, treatment, layout, .neighbors(words), pair)
    }
    if let found, isKept { return Assignment(tensor, .keep, layout, Self.basis(found)) }
    if let kind = PreservedKind.byShape(named, in: model), !isOfFamily || kind == .singleNumbers {
      return Assignment(tensor, .keep, layout, .preserved(kind))
    }
    guard let found else { return Assignment(tensor, .keep, layout, .nothing) }
    var (treatment, layout) = (found.rule.treatment, found.rule.layout ?? layout)
    if isPlain, isOfFamily, tensor.shape.count > 1 {
      treatment = treatment.plain(tensor.shape, layout: layout)
    }
    if treatment == .convolution { layout = model.layout(ofKernel: named, in: self.layout) }
    return Assignment(tensor, treatment, layout, Self.basis(found), pair)
  }

  private static func basis(_ found: (rule: TensorRule, set: RuleSet)) -> Assignment.Basis {
    .rule(set: found.set.name, found.rule.pattern)
  }

  /// A rule of the user's own, which a tensor has to fit.
  private func assignment(
    _ tensor: StoredTensor, _ rule: TensorRule, _ pair: WeightNormalization?
  ) throws(ReinitializationError) -> Assignment {
    let treatment = rule.treatment
    let text = treatment.noun(initializer.name)
    let layouts = rule.layout.map { [$0] } ?? [layout] + TensorLayout.ofFiles
    guard let fitting = layouts.first(where: { treatment.fits(tensor.shape, layout: $0) }) else {
      throw .otherShape(
        tensor: tensor.name, shape: tensor.shape, treatment: text, need: treatment.need,
        path: tensor.path)
    }
    guard treatment.suits(type: tensor.type, isFloatingPoint: tensor.format != nil) else {
      throw .otherType(tensor: tensor.name, type: tensor.type, treatment: text, path: tensor.path)
    }
    return Assignment(tensor, treatment, fitting, .own(rule.pattern), pair)
  }

  /// Asks the initializer before anything is written.
  private func check(_ assignment: Assignment) throws(ReinitializationError) {
    let (tensor, treatment) = (assignment.tensor, assignment.treatment)
    guard tensor.shape.count >= 2, !tensor.shape.contains(0) else { return }
    do throws(InitializationError) {
      try treatment.check(assignment.torchShape, by: initializer.initializer)
    } catch {
      throw .noWeight(tensor: tensor.name, reason: error.description, path: tensor.path)
    }
  }
}
