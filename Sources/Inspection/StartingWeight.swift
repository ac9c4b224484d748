// A weight as it was before training, made again.

import Initializers
import LinearAlgebra
import Randomness

/// A deterministic initializer, and what became of one tensor under it.
struct StartingWeight: Sendable {
  private let initializer: any Initializer

  /// A word for each of the layers that the weight stacks; none for what the initializer makes of the shape.
  private let treatments: [String]

  /// The words that say which values a tensor got.
  private static let words: Set = ["matrix", "convolution", "identity", "zeros", "ones"]

  /// The weight that a rule makes of the shape; it draws nothing.
  init(_ initializer: any Initializer) {
    self.initializer = initializer
    treatments = []
  }

  /// The weight of a tensor by its treatment; `nil` for one that doesn't tell the values, `keep` for example.
  ///
  /// - Parameters:
  ///   - initializer: The rule; it draws nothing.
  ///   - treatment: The word for the tensor in an `InitializationRecord`, or, of weights of several layers in one, words
  ///     such as `identity | zeros | zeros` or `3 matrices`.
  init?(_ initializer: any Initializer, treatment: String) {
    self.initializer = initializer
    if let match = treatment.wholeMatch(of: /(\d{1,4}) matrices/), let count = Int(match.1) {
      treatments = Array(repeating: "matrix", count: count)
    } else {
      treatments = treatment.split(separator: " | ").map(String.init)
    }
    guard !treatments.isEmpty, treatments.allSatisfy(Self.words.contains) else { return nil }
  }

  /// The values in the order of the file.
  ///
  /// - Parameters:
  ///   - extents: The dimensions of the stored weight.
  ///   - layout: Where outputs and inputs are among them.
  /// - Returns: As many values as the weight has.
  /// - Throws: `InitializationError` when the initializer has no value for the shape.
  func values(_ extents: [Int], layout: TensorLayout) throws(InitializationError)
    -> ContiguousArray<Float>
  {
    let torch = layout.torchExtents(of: extents)
    let count = treatments.count
    guard count > 1, torch.count == 2, torch[0].isMultiple(of: count) else {
      return layout.stored(try part(treatments.first, torch), torchExtents: torch)
    }
    var values: ContiguousArray<Float> = []
    for treatment in treatments { values += try part(treatment, [torch[0] / count, torch[1]]) }
    return layout.stored(values, torchExtents: torch)
  }

  /// The values of one layer, in PyTorch's order.
  private func part(_ treatment: String?, _ torch: [Int]) throws(InitializationError)
    -> ContiguousArray<Float>
  {
    var streams = RandomStreams(seed: 0)
    let count = torch.reduce(1, *)
    switch treatment {
    case "zeros": return ContiguousArray(repeating: 0, count: count)
    case "ones": return ContiguousArray(repeating: 1, count: count)
    case "identity":
      return try PartialIdentity().storedWeight(torch, layout: .torch, using: &streams)
    case "matrix":
      let shape = WeightShape(outputs: torch[0], inputs: count / torch[0])
      return try initializer.weight(shape, using: &streams).elements
    default: return try initializer.storedWeight(torch, layout: .torch, using: &streams)
    }
  }
}
