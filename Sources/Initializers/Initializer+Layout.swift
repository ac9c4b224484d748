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
    let taps: [Int]
    let (outputs, inputs): (Int, Int)
    switch layout {
    case .torch:
      (outputs, inputs, taps) = (extents[0], extents[1], Array(extents[2...]))
    case .jax:
      (outputs, inputs) = (extents[extents.count - 1], extents[extents.count - 2])
      taps = Array(extents.dropLast(2))
    }
    let values: ContiguousArray<Float>
    if taps.isEmpty {
      let shape = WeightShape(outputs: outputs, inputs: inputs)
      values = try weight(shape, using: &streams).elements
    } else {
      let shape = KernelShape(outputs: outputs, inputs: inputs, extents: taps)
      values = try kernel(shape, using: &streams)
    }
    guard layout == .jax else { return values }
    // From out × in × taps to taps × in × out.
    let tapCount = taps.reduce(1, *)
    var turned = ContiguousArray<Float>(repeating: 0, count: values.count)
    for output in 0..<outputs {
      for input in 0..<inputs {
        for tap in 0..<tapCount {
          turned[(tap * inputs + input) * outputs + output] =
            values[(output * inputs + input) * tapCount + tap]
        }
      }
    }
    return turned
  }
}
