// Weights as other frameworks store them.

import LinearAlgebra
public import Randomness

extension Initializer {
  /// The weight of a layer or a convolution in the order of its file.
  ///
  /// - Parameters:
  ///   - extents: Those of the stored weight: two, or three to five of a convolution; each at least 1.
  ///   - layout: Where outputs and inputs are among them.
  ///   - streams: Where random draws come from: those of the same weight in PyTorch's order.
  /// - Returns: The elements, last extent fastest.
  /// - Throws: `InitializationError` when the rule has no value for the shape.
  public func storedWeight(
    _ extents: [Int], layout: TensorLayout, using streams: inout RandomStreams
  ) throws(InitializationError) -> ContiguousArray<Float> {
    precondition(
      (2...5).contains(extents.count) && extents.allSatisfy { $0 > 0 },
      "a weight of the extents \(extents)")
    let torch = layout.torchExtents(of: extents)
    let values: ContiguousArray<Float>
    if torch.count == 2 {
      let shape = WeightShape(outputs: torch[0], inputs: torch[1])
      values = try weight(shape, using: &streams).elements
    } else {
      let shape = KernelShape(outputs: torch[0], inputs: torch[1], extents: Array(torch[2...]))
      values = try kernel(shape, using: &streams)
    }
    return layout.stored(values, torchExtents: torch)
  }
}
