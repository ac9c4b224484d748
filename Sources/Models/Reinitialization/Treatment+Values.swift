// The numbers of a treatment.

import Initializers
import LinearAlgebra
import Randomness

extension Treatment {
  /// Says, without the work of making it, whether an initializer has the weight that is asked for.
  ///
  /// - Parameters:
  ///   - extents: In PyTorch's order, which the treatment fits.
  ///   - initializer: The rule.
  /// - Throws: `InitializationError` when it has none.
  func check(_ extents: [Int], by initializer: any Initializer) throws(InitializationError) {
    switch self {
    case .matrix: try initializer.check(Self.flattened(extents))
    case .convolution: try initializer.check(Self.kernel(extents).tap)
    case .identity, .zeros, .ones, .keep, .norms: return
    case .stacked(let parts):
      for part in parts { try part.check([extents[1], extents[1]], by: initializer) }
    case .matrices(let count):
      try initializer.check(WeightShape(outputs: extents[0] / count, inputs: extents[1]))
    }
  }

  /// The values in PyTorch's order.
  ///
  /// - Parameters:
  ///   - extents: In PyTorch's order, which the treatment fits.
  ///   - initializer: The rule.
  ///   - streams: Where random draws come from.
  /// - Returns: As many values as the extents have; those of `keep` are the file's own, and not asked for.
  /// - Throws: `InitializationError` when the rule has no value for the shape.
  func values(
    _ extents: [Int], by initializer: any Initializer, using streams: inout RandomStreams
  ) throws(InitializationError) -> ContiguousArray<Float> {
    switch self {
    case .matrix:
      return try initializer.weight(Self.flattened(extents), using: &streams).elements
    case .convolution:
      return try initializer.kernel(Self.kernel(extents), using: &streams)
    case .identity:
      let partialIdentity = PartialIdentity()
      guard extents.count > 2 else {
        return try partialIdentity.weight(Self.flattened(extents), using: &streams).elements
      }
      return try partialIdentity.kernel(Self.kernel(extents), using: &streams)
    case .zeros: return ContiguousArray(repeating: 0, count: extents.reduce(1, *))
    case .ones: return ContiguousArray(repeating: 1, count: extents.reduce(1, *))
    case .keep, .norms: preconditionFailure("values of a tensor that has others (\(name))")
    case .stacked(let parts):
      var values: ContiguousArray<Float> = []
      for part in parts {
        values += try part.values([extents[1], extents[1]], by: initializer, using: &streams)
      }
      return values
    case .matrices(let count):
      let shape = WeightShape(outputs: extents[0] / count, inputs: extents[1])
      var values: ContiguousArray<Float> = []
      for _ in 0..<count { values += try initializer.weight(shape, using: &streams).elements }
      return values
    }
  }

  private static func flattened(_ extents: [Int]) -> WeightShape {
    WeightShape(outputs: extents[0], inputs: extents.dropFirst().reduce(1, *))
  }

  private static func kernel(_ extents: [Int]) -> KernelShape {
    KernelShape(outputs: extents[0], inputs: extents[1], extents: Array(extents[2...]))
  }
}
