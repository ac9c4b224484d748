// A weight as it was before training, made again.

import Initializers
import LinearAlgebra
import Randomness

/// A deterministic initializer, and what became of one tensor under it.
struct StartingWeight {
  private let initializer: any Initializer
  private let treatments: [String]

  /// The word for a tensor that `init` left as it was.
  static let kept = "keep"

  /// Takes a tensor's treatment.
  ///
  /// - Parameters:
  ///   - initializer: The rule; it draws nothing.
  ///   - treatment: The word for the tensor in an `InitializationRecord`, or several with ` | ` between them, for square
  ///     weights of several layers in one; `nil` for what the initializer makes of the shape.
  init(_ initializer: any Initializer, _ treatment: String?) {
    self.initializer = initializer
    treatments =
      treatment?.split(separator: "|").map {
        String($0.filter { !$0.isWhitespace })
      } ?? []
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
    guard treatments.count > 1, torch == [treatments.count * torch[1], torch[1]] else {
      return layout.stored(try part(treatments.first, torch), torchExtents: torch)
    }
    var values: ContiguousArray<Float> = []
    for treatment in treatments { values += try part(treatment, [torch[1], torch[1]]) }
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
