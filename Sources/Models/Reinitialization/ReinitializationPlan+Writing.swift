// The new model, tensor after tensor.

import Checkpoints
import Initializers
import Randomness

extension ReinitializationPlan {
  /// Writes the new model as one safetensors file, with the names, shapes, types, order and texts of the model.
  ///
  /// One text more says how the weights were made, an `InitializationRecord`. Random initializers draw in the order of
  /// the file's tensors, from one stream for all of them; a tensor that isn't initialized draws nothing. Values are made
  /// in single precision and rounded to the tensor's type.
  ///
  /// - Parameters:
  ///   - path: The file; another than the model's. It is the old one, or none, until the new one is whole.
  ///   - seed: Seeds random initializers.
  ///   - prepare: Called before each tensor; an error from it is the end, and nothing of the new file is left.
  /// - Throws: `ReinitializationError.overwritesItself`, `TensorFileError` for what can't be read or written, what
  ///   `prepare` throws.
  /// - Complexity: The memory is that of the largest tensor in single precision, three times at most.
  public func write(
    to path: String, seed: UInt64, beforeEach prepare: (Assignment) throws -> Void = { _ in }
  ) throws {
    guard !archive.isRead(from: path) else {
      throw ReinitializationError.overwritesItself(path: path)
    }
    var writer = try SafetensorsWriter(
      path, like: assignments.map(\.tensor), metadata: try metadata(seed: seed))
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

  /// The model's texts, and how its weights were made.
  private func metadata(seed: UInt64) throws -> [String: String] {
    var metadata = archive.metadata
    metadata[InitializationRecord.metadataKey] = try record(seed: seed).text()
    return metadata
  }

  /// How the weights were made; of more than 20,000 tensors without a word for each.
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

/// The values of a model's tensors, drawn in the order of the file.
private struct Draws {
  /// Where the next tensor's draws come from.
  var streams: RandomStreams

  /// Where the draws of normalized weights came from, by the name of v: both of its tensors need them.
  private var starts: [String: RandomStreams] = [:]

  /// What is made, by name.
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
    // A vector, or a single number, has no layout.
    guard shape.count >= 2, !shape.contains(0) else {
      return try assignment.treatment.values(shape, by: initializer, using: &streams)
    }
    let extents = assignment.torchShape
    return assignment.layout.stored(
      try assignment.treatment.values(extents, by: initializer, using: &streams),
      torchExtents: extents)
  }
}
