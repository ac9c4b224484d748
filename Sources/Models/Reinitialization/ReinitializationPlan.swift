// Chooses the new values of every tensor of a model, and writes the new model.

public import ZerOCheckpoints
public import ZerOInitializers
import ZerONamePatterns
import ZerORandomness

/// The treatment of every tensor of a model, checked before anything is written.
public struct ReinitializationPlan: Sendable {
  /// A treatment for every tensor, in the order of the file.
  public let assignments: [Assignment]

  /// The model.
  public let archive: TensorArchive

  /// The applied rule set.
  public let rules: RuleSet

  /// The layout of the file; assignments may have others.
  public let layout: TensorLayout

  /// The initializer.
  public let initializer: InitializerEntry

  /// Guesses, and tensors that keep their values.
  public let remarks: [PlanRemark]

  /// Chooses a treatment for every tensor.
  ///
  /// - Parameters:
  ///   - archive: The model, in files of safetensors or PyTorch.
  ///   - initializer: The initializer.
  ///   - rules: The rule set; `nil` to detect the family from the names.
  ///   - overrides: The user's rules, which take precedence.
  ///   - statedLayout: The layout of the file, except for rules with their own layout; `nil` for
  ///     the layout that the metadata name, or PyTorch's, with a remark if names suggest another
  ///     one.
  ///   - isPlain: Whether weights get the initializer's values even if the family's rules set them
  ///     to the identity or 0.
  /// - Throws: `ReinitializationError` if the model is of another family or format, or quantized,
  ///   or if the user's rules or the initializer can't be applied; a family's rule that doesn't fit
  ///   is ignored. `TensorFileError` if tensors that may be tied can't be read.
  public init(
    _ archive: TensorArchive, initializer: InitializerEntry, rules: RuleSet? = nil,
    overrides: Overrides = Overrides(), layout statedLayout: TensorLayout? = nil,
    isPlain: Bool = false
  ) throws {
    guard ![".npy", ".npz"].contains(where: archive.path.hasSuffix) else {
      throw ReinitializationError.wrongFormat(path: archive.path)
    }
    if let weight = Quantization.firstWeight(among: archive.tensors) {
      throw ReinitializationError.quantized(tensor: weight.name, path: archive.path)
    }
    let named = TensorLayout(metadata: archive.metadata)
    let layout = statedLayout ?? named ?? .torch
    let model = RuledTensors(archive)
    let detected = RuleSet.detected(from: model.all, layout: layout)
    let chosen = rules ?? detected
    if let pattern = chosen.missing(in: model.all, layout: layout).first {
      throw ReinitializationError.wrongFamily(
        rules: chosen.name, pattern: pattern.description,
        known: detected.name == RuleSet.generic.name ? nil : detected.name, path: archive.path)
    }
    if let pattern = archive.unmatched(among: overrides.rules.map(\.pattern)) {
      throw ReinitializationError.unmatchedPattern(pattern)
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
      isLayoutStated: statedLayout != nil || named != nil, isPlain: isPlain,
      // Asking for `generic` explicitly silences its remarks.
      isGenericStated: rules?.name == RuleSet.generic.name)
    remarks =
      (statedLayout == nil ? named.map { [.layoutOfMetadata($0)] } ?? [] : []) + guesses.remarks
  }
}

extension ReinitializationPlan {
  /// Writes the new model as one file with the model's names, shapes, types, order and metadata.
  ///
  /// The metadata also get an `InitializationRecord`. Random initializers draw from one stream, in
  /// the order of the file; tensors that aren't initialized draw nothing. Values are generated in
  /// single precision and rounded to the tensor's type.
  ///
  /// - Parameters:
  ///   - path: The output file, not one of the model's. It is replaced atomically when the new file
  ///     is complete.
  ///   - format: The format of the output file.
  ///   - seed: The seed of random initializers.
  ///   - prepare: Called before each tensor; if it throws, the new file is removed.
  /// - Throws: `ReinitializationError.overwritesItself`, `TensorFileError`, and the errors of
  ///   `prepare`.
  /// - Complexity: At most three times the memory of the largest tensor in single precision.
  public func write(
    to path: String, as format: ModelFormat = .safetensors, seed: UInt64,
    beforeEach prepare: (Assignment) throws -> Void = { _ in }
  ) throws {
    guard !archive.isRead(from: path) else {
      throw ReinitializationError.overwritesItself(path: path)
    }
    var writer = try ModelWriter(
      path, as: format, like: assignments.map(\.tensor), metadata: try metadata(seed: seed))
    var draws = Draws(streams: RandomStreams(seed: seed), assignments: assignments)
    for assignment in assignments {
      try prepare(assignment)
      switch assignment.treatment {
      case .keep: try writer.appendStored()
      case .zeros where assignment.normalization == nil: try writer.appendZeros()
      case .matrix, .convolution, .identity, .zeros, .ones, .stacked, .matrices, .norms:
        try writer.append(try draws.values(of: assignment, by: initializer.initializer))
      }
    }
    try writer.finish()
  }

  /// The model's metadata and the record of its initialization.
  private func metadata(seed: UInt64) throws -> [String: String] {
    var metadata = archive.metadata
    metadata[InitializationRecord.metadataKey] = try record(seed: seed).text()
    return metadata
  }

  /// The record of the initialization; without treatments if there are more than 20,000 tensors.
  func record(seed: UInt64) -> InitializationRecord {
    let weights = assignments.filter { $0.tensor.shape.count > 1 }
    let isRecorded = weights.count <= 20_000
    let words = Dictionary(weights.map { ($0.tensor.name, $0.treatment.name) }) { first, _ in first
    }
    let others = weights.filter { $0.treatment.hasLayout && $0.layout != layout }
    let layouts = Dictionary(others.map { ($0.tensor.name, $0.layout.rawValue) }) { first, _ in
      first
    }
    return InitializationRecord(
      initializer: initializer.name, rules: rules.name,
      seed: initializer.isRandom ? String(seed) : "0", treatments: isRecorded ? words : [:],
      layout: layout.rawValue, layouts: isRecorded && !layouts.isEmpty ? layouts : nil)
  }
}

/// Generates the values of a model's tensors, in the order of the file.
private struct Draws {
  /// The random streams of the next tensor.
  var streams: RandomStreams

  /// The random streams at the start of each normalized weight, by the name of v: both of its
  /// tensors need the same draws.
  private var starts: [String: RandomStreams] = [:]

  /// The assignments of directions v, by name.
  private let directions: [String: Assignment]

  init(streams: RandomStreams, assignments: [Assignment]) {
    self.streams = streams
    directions = Dictionary(
      assignments.filter { $0.normalization?.direction.name == $0.tensor.name }
        .map { ($0.tensor.name, $0) }
    ) { first, _ in first }
  }

  /// The values of a tensor in the order of its file.
  mutating func values(of assignment: Assignment, by initializer: any Initializer) throws
    -> ContiguousArray<Float>
  {
    guard let pair = assignment.normalization, let direction = directions[pair.direction.name]
    else { return try Self.values(of: assignment, by: initializer, using: &streams) }
    let weight: ContiguousArray<Float>
    if var start = starts[pair.direction.name] {
      weight = try Self.values(of: direction, by: initializer, using: &start)
    } else {
      starts[pair.direction.name] = streams
      weight = try Self.values(of: direction, by: initializer, using: &streams)
    }
    return assignment.treatment == .norms
      ? pair.lengths(of: weight) : try pair.directions(of: weight)
  }

  private static func values(
    of assignment: Assignment, by initializer: any Initializer, using streams: inout RandomStreams
  ) throws(InitializationError) -> ContiguousArray<Float> {
    let shape = assignment.tensor.shape
    // Vectors and scalars have no layout.
    guard shape.count >= 2, !shape.contains(0) else {
      return try assignment.treatment.values(shape, by: initializer, using: &streams)
    }
    let dimensions = assignment.torchShape
    return assignment.layout.stored(
      try assignment.treatment.values(dimensions, by: initializer, using: &streams),
      torchShape: dimensions)
  }
}

/// Recognizes quantized models, whose integers would be meaningless with new scales.
enum Quantization {
  /// Integer weights of GPTQ and AWQ.
  private static let integers = NamePattern("*qweight")

  /// The last part of the names of scales in GPTQ, MLX, compressed-tensors and FP8.
  private static let scales = ["weight_scale*", "scales"].map(NamePattern.init)

  /// The first quantized weight.
  ///
  /// - Parameter tensors: The model's tensors.
  /// - Returns: A tensor of integers or 8-bit floats that is named `*qweight`, or `weight*` in a
  ///   module with scales; `nil` if there is none.
  static func firstWeight(among tensors: [StoredTensor]) -> StoredTensor? {
    let scaled = Set(
      tensors.lazy.map { parts(of: $0.name) }
        .filter { parts in scales.contains { $0.matches(parts.last) } }.map(\.module))
    return tensors.first { tensor in
      guard isNarrow(tensor) else { return false }
      let (module, last) = parts(of: tensor.name)
      return integers.matches(last) || last.hasPrefix("weight") && scaled.contains(module)
    }
  }

  private static func isNarrow(_ tensor: StoredTensor) -> Bool {
    tensor.format.map { $0.byteCount == 1 } ?? true
  }

  private static func parts(of name: String) -> (module: String, last: String) {
    guard let point = name.lastIndex(of: ".") else { return ("", name) }
    return (String(name[..<point]), String(name[name.index(after: point)...]))
  }
}
