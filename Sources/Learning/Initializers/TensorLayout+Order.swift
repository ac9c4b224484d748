// From PyTorch's order of a weight's elements to that of other frameworks.

extension TensorLayout {
  /// The extents of a weight as PyTorch would have them.
  ///
  /// - Parameter extents: Those of the stored weight, at least two.
  /// - Returns: out × in, for convolutions out × in × k….
  public func torchExtents(of extents: [Int]) -> [Int] {
    precondition(extents.count >= 2, "a weight of the extents \(extents)")
    switch self {
    case .torch: return extents
    case .mlx: return [extents[0], extents[extents.count - 1]] + extents[1..<(extents.count - 1)]
    case .jax: return extents.suffix(2).reversed() + extents.dropLast(2)
    case .transposed: return extents.prefix(2).reversed() + extents.dropFirst(2)
    case .depthwise: return [extents.suffix(2).reduce(1, *), 1] + extents.dropLast(2)
    }
  }

  /// The elements of a weight in the order of its file.
  ///
  /// - Parameters:
  ///   - values: In PyTorch's order, last extent fastest.
  ///   - extents: In PyTorch's order: out × in, for convolutions out × in × k….
  /// - Returns: As many elements.
  public func stored(_ values: ContiguousArray<Float>, torchExtents extents: [Int])
    -> ContiguousArray<Float>
  {
    let (outputs, inputs) = (extents[0], extents[1])
    let taps = extents[2...].reduce(1, *)
    // How far apart neighbors are in out × taps × in, in taps × in × out, and in in × out × taps.
    let steps: (output: Int, input: Int, tap: Int)
    switch self {
    case .torch: return values
    case .mlx: steps = (taps * inputs, 1, inputs)
    case .jax, .depthwise: steps = (1, outputs, inputs * outputs)
    case .transposed: steps = (taps, outputs * taps, 1)
    }
    var turned = ContiguousArray<Float>(repeating: 0, count: values.count)
    for output in 0..<outputs {
      for input in 0..<inputs {
        for tap in 0..<taps {
          turned[output * steps.output + input * steps.input + tap * steps.tap] =
            values[(output * inputs + input) * taps + tap]
        }
      }
    }
    return turned
  }
}
