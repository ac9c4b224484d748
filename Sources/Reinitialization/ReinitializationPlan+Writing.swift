// The new model, tensor after tensor.

import Checkpoints
import Initializers
import Randomness

extension ReinitializationPlan {
  /// Writes the new model as one safetensors file, with the names, shapes, types, order and texts of the model.
  ///
  /// Random initialisers draw in the order of the file's tensors, from one stream for all of them; a tensor that
  /// isn't initialised draws nothing. Values are made in single precision and rounded to the tensor's type.
  ///
  /// - Parameters:
  ///   - path: The file; another than the model's. It is the old one, or none, until the new one is whole.
  ///   - seed: Seeds random initialisers.
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
      path, like: assignments.map(\.tensor), metadata: archive.metadata)
    var streams = RandomStreams(seed: seed)
    for assignment in assignments {
      try prepare(assignment)
      switch assignment.treatment {
      case .keep: try writer.appendStored()
      case .zeros: try writer.appendZeros()
      case .matrix, .convolution, .identity, .ones, .stacked:
        try writer.append(try values(assignment, using: &streams))
      }
    }
    try writer.finish()
  }

  private func values(_ assignment: Assignment, using streams: inout RandomStreams)
    throws(InitializationError) -> ContiguousArray<Float>
  {
    let shape = assignment.tensor.shape
    // A vector, or a single number, has no layout.
    guard shape.count >= 2, !shape.contains(0) else {
      return try assignment.treatment.values(
        shape, by: initializer.initializer, using: &streams)
    }
    let extents = assignment.layout.torchExtents(of: shape)
    return assignment.layout.stored(
      try assignment.treatment.values(extents, by: initializer.initializer, using: &streams),
      torchExtents: extents)
  }
}
