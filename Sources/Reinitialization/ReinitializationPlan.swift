// What becomes of every tensor of a model, decided and checked before anything is written.

public import Checkpoints
public import Initializers

/// A model's tensors with their new values, of which nothing is made yet.
public struct ReinitializationPlan: Sendable {
  /// A treatment for every tensor, in the order of the file.
  public let assignments: [Assignment]

  /// The model.
  public let archive: TensorArchive

  /// The rules that were taken.
  public let rules: RuleSet

  /// What makes the weights.
  public let initializer: InitializerEntry

  /// What was guessed.
  public let remarks: [PlanRemark]

  /// Decides what becomes of every tensor.
  ///
  /// - Parameters:
  ///   - archive: The model, of one safetensors file or several.
  ///   - initializer: What makes the weights.
  ///   - rules: The rules; `nil` to take those of the family that the names tell.
  ///   - overrides: The user's own, which come first.
  ///   - statedLayout: Where the file has outputs and inputs; a rule that knows better is believed. `nil`, PyTorch's
  ///     with a remark if names tell otherwise.
  /// - Throws: `ReinitializationError` for a model of another family or format, for a quantised one, and for what the user's own rules
  ///   or the initialiser can't do; a set's rule that a tensor doesn't fit is passed over.
  public init(
    _ archive: TensorArchive, initializer: InitializerEntry, rules: RuleSet? = nil,
    overrides: Overrides = Overrides(), layout statedLayout: TensorLayout? = nil
  ) throws(ReinitializationError) {
    guard archive.path.hasSuffix(".safetensors") || archive.path.hasSuffix(".json") else {
      throw .otherFormat(path: archive.path)
    }
    let tensors = archive.tensors
    if let weight = Quantization.firstWeight(among: tensors) {
      throw .quantized(tensor: weight.name, path: archive.path)
    }
    let layout = statedLayout ?? .torch
    let detected = RuleSet.detected(from: tensors, layout: layout)
    let chosen = rules ?? detected
    if let pattern = chosen.missing(in: tensors, layout: layout).first {
      throw .otherFamily(
        rules: chosen.name, pattern: pattern.description,
        known: detected.name == RuleSet.generic.name ? nil : detected.name, path: archive.path)
    }
    if let pattern = archive.unmatched(among: overrides.rules.map(\.pattern)) {
      throw .nothingMatches(pattern)
    }
    let names = Set(tensors.map(\.name))
    var (assignments, fallen, stacks): ([Assignment], [Assignment], [Assignment]) = ([], [], [])
    var unknown: [Assignment] = []
    for tensor in tensors {
      let assignment: Assignment
      if let own = try overrides.rule(for: tensor.name) {
        assignment = try Self.assignment(tensor, own, layout, initializer)
      } else if let rule = RuleSet.stackedExperts.first(where: {
        $0.holds(for: tensor, among: names, layout: layout)
      }) {
        assignment = Assignment(
          tensor: tensor, treatment: rule.treatment, layout: layout,
          reason: "a stack of matrices, \(rule.pattern)")
        stacks.append(assignment)
      } else if let (rule, set) = chosen.rule(for: tensor, among: names, layout: layout) {
        assignment = Assignment(
          tensor: tensor, treatment: rule.treatment, layout: rule.layout ?? layout,
          reason: "\(set.name) \(rule.pattern)")
        if set.name == RuleSet.generic.name { fallen.append(assignment) }
      } else {
        assignment = Assignment(
          tensor: tensor, treatment: .keep, layout: layout,
          reason: tensor.format == nil ? "its type" : "no rule")
        unknown.append(assignment)
      }
      try Self.check(assignment, initializer)
      assignments.append(assignment)
    }
    self.assignments = assignments
    self.archive = archive
    self.rules = chosen
    self.initializer = initializer
    let onLayout = statedLayout == nil ? PlanRemark.onLayout(of: assignments) : nil
    // Who asks for `generic` knows what it does.
    let isGeneric = rules?.name == RuleSet.generic.name
    let onAttention = isGeneric ? nil : PlanRemark.onAttention(of: fallen, rules: chosen)
    let onExperts = stacks.first.map { PlanRemark.expertsStay(tensor: $0.tensor.name) }
    let onThreeExtents = PlanRemark.onThreeExtents(of: unknown)
    let onOneInput = PlanRemark.onOneInput(of: assignments, by: initializer.initializer)
    let onNorms = PlanRemark.onNorms(of: assignments)
    remarks = [onLayout, onAttention, onExperts, onThreeExtents, onOneInput, onNorms]
      .compactMap { $0 }
  }

  /// A rule of the user's own, which a tensor has to fit.
  private static func assignment(
    _ tensor: StoredTensor, _ rule: TensorRule, _ layout: TensorLayout,
    _ initializer: InitializerEntry
  ) throws(ReinitializationError) -> Assignment {
    let treatment = rule.treatment
    let text = treatment.noun(initializer.name)
    guard treatment.fits(tensor.shape, layout: rule.layout ?? layout) else {
      throw .otherShape(
        tensor: tensor.name, shape: tensor.shape, treatment: text, path: tensor.path)
    }
    guard treatment.suits(type: tensor.type, isFloatingPoint: tensor.format != nil) else {
      throw .otherType(tensor: tensor.name, type: tensor.type, treatment: text, path: tensor.path)
    }
    return Assignment(
      tensor: tensor, treatment: treatment, layout: rule.layout ?? layout,
      reason: "your \(rule.pattern)")
  }

  /// Asks the initialiser before anything is written.
  private static func check(_ assignment: Assignment, _ initializer: InitializerEntry)
    throws(ReinitializationError)
  {
    let (tensor, treatment) = (assignment.tensor, assignment.treatment)
    guard tensor.shape.count >= 2 else { return }
    do throws(InitializationError) {
      try treatment.check(
        assignment.layout.torchExtents(of: tensor.shape), by: initializer.initializer)
    } catch {
      throw .noWeight(tensor: tensor.name, reason: error.description, path: tensor.path)
    }
  }
}
