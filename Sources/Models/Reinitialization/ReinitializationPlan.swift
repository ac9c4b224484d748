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

  /// Where the file has outputs and inputs, but for weights that are known to have another layout.
  public let layout: TensorLayout

  /// What makes the weights.
  public let initializer: InitializerEntry

  /// Guesses, and what stays as it was, for a person to know.
  public let remarks: [PlanRemark]

  /// Decides what becomes of every tensor.
  ///
  /// - Parameters:
  ///   - archive: The model, of one safetensors file or several.
  ///   - initializer: What makes the weights.
  ///   - rules: The rules; `nil` to take those of the family that the names tell.
  ///   - overrides: The user's own, which come first.
  ///   - statedLayout: Where the file has outputs and inputs; a rule that knows better is believed. `nil` for the layout
  ///     that the file's metadata name, or PyTorch's with a remark if names tell otherwise.
  ///   - isPlain: Whether weights for which the rules of the family have the identity or 0 get the initializer's values
  ///     as well.
  /// - Throws: `ReinitializationError` for a model of another family or format, for a quantized one, and for what the
  ///   user's own rules or the initializer can't do; a set's rule that a tensor doesn't fit is passed over.
  ///   `TensorFileError` where tensors that may be tied can't be read.
  public init(
    _ archive: TensorArchive, initializer: InitializerEntry, rules: RuleSet? = nil,
    overrides: Overrides = Overrides(), layout statedLayout: TensorLayout? = nil,
    isPlain: Bool = false
  ) throws {
    guard archive.path.hasSuffix(".safetensors") || archive.path.hasSuffix(".json") else {
      throw ReinitializationError.otherFormat(path: archive.path)
    }
    if let weight = Quantization.firstWeight(among: archive.tensors) {
      throw ReinitializationError.quantized(tensor: weight.name, path: archive.path)
    }
    let told = TensorLayout(metadata: archive.metadata)
    let layout = statedLayout ?? told ?? .torch
    let model = RuledTensors(archive)
    let detected = RuleSet.detected(from: model.all, layout: layout)
    let chosen = rules ?? detected
    if let pattern = chosen.missing(in: model.all, layout: layout).first {
      throw ReinitializationError.otherFamily(
        rules: chosen.name, pattern: pattern.description,
        known: detected.name == RuleSet.generic.name ? nil : detected.name, path: archive.path)
    }
    if let pattern = archive.unmatched(among: overrides.rules.map(\.pattern)) {
      throw ReinitializationError.nothingMatches(pattern)
    }
    let names = Set(archive.tensors.map(\.name))
    assignments = try Decisions(
      stored: archive.tensors, model: model, rules: chosen,
      overrides: Overrides(overrides.rules.map { $0.resolved(among: names) }), layout: layout,
      isPlain: isPlain, initializer: initializer
    ).assignments()
    self.archive = archive
    self.layout = layout
    self.rules = chosen
    self.initializer = initializer
    let guesses = PlanGuesses(
      assignments: assignments, model: model, rules: chosen, initializer: initializer,
      isLayoutStated: statedLayout != nil || told != nil, isPlain: isPlain,
      // Who asks for `generic` knows what it does.
      isGenericStated: rules?.name == RuleSet.generic.name)
    remarks =
      (statedLayout == nil ? told.map { [.layoutOfMetadata($0)] } ?? [] : []) + guesses.remarks
  }
}
