// Chooses the treatment of every tensor of a model.

import ZerOCheckpoints
import ZerOInitializers

/// The model and the rules that determine treatments.
struct Decisions {
  /// The model's tensors, as stored.
  let stored: [StoredTensor]

  /// The same tensors under normalized names.
  let model: RuledTensors

  /// The family's rules.
  let rules: RuleSet

  /// The user's rules.
  let overrides: Overrides

  /// The layout of the file.
  let layout: TensorLayout

  /// Whether weights get the initializer's values even if the family's rules set them to the
  /// identity or 0.
  let isPlain: Bool

  /// The initializer.
  let initializer: InitializerEntry

  /// Indices of the tensors, by stored name.
  private let places: [String: Int]

  /// Collects the inputs of the decisions.
  init(
    stored: [StoredTensor], model: RuledTensors, rules: RuleSet, overrides: Overrides,
    layout: TensorLayout, isPlain: Bool, initializer: InitializerEntry
  ) {
    (self.stored, self.model, self.rules, self.overrides) = (stored, model, rules, overrides)
    (self.layout, self.isPlain, self.initializer) = (layout, isPlain, initializer)
    places = Dictionary(zip(stored.map(\.name), stored.indices)) { first, _ in first }
  }

  /// All assignments, in the order of the file.
  ///
  /// - Throws: `ReinitializationError` if the user's rules or the initializer can't be applied.
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

  /// Applies a rule of the family or of `generic`, unless neighboring tensors show otherwise.
  private func ruled(_ tensor: StoredTensor, _ named: StoredTensor, _ pair: WeightNormalization?)
    -> Assignment
  {
    let found = rules.rule(for: named, among: model.names, layout: layout)
    let isOfFamily = found.map { $0.set.name != RuleSet.generic.name } ?? false
    let isKept = found?.rule.treatment == .keep
    if !isOfFamily, let (treatment, words) = model.neighborTreatment(of: named, layout: layout),
      !isKept || treatment == .zeros
    {
      let layout =
        treatment == .convolution ? model.layout(ofKernel: named, in: layout) : layout
      return Assignment(tensor, treatment, layout, .neighbors(words), pair)
    }
    if let found, isKept { return Assignment(tensor, .keep, layout, Self.basis(found)) }
    if let kind = PreservedKind.byShape(named, in: model), !isOfFamily || kind == .scalars {
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

  /// Applies a rule of the user, which the tensor must fit.
  private func assignment(
    _ tensor: StoredTensor, _ rule: TensorRule, _ pair: WeightNormalization?
  ) throws(ReinitializationError) -> Assignment {
    let treatment = rule.treatment
    let text = treatment.nounPhrase(initializer.name)
    let layouts = rule.layout.map { [$0] } ?? [layout] + TensorLayout.ofFiles
    guard let fitting = layouts.first(where: { treatment.fits(tensor.shape, layout: $0) }) else {
      throw .wrongShape(
        tensor: tensor.name, shape: tensor.shape, treatment: text, need: treatment.need,
        path: tensor.path)
    }
    guard treatment.suits(type: tensor.type, isFloatingPoint: tensor.format != nil) else {
      throw .wrongType(tensor: tensor.name, type: tensor.type, treatment: text, path: tensor.path)
    }
    return Assignment(tensor, treatment, fitting, .user(rule.pattern), pair)
  }

  /// Checks, before anything is written, that the initializer supports the shape.
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
