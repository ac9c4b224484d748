import ZerORequirements

/// The positions of outputs and inputs among the dimensions of a weight.
public enum TensorLayout: String, CaseIterable, Sendable {
  /// PyTorch and Candle: out × in; convolutions out × in × k….
  case torch

  /// MLX: out × in; convolutions out × k… × in.
  case mlx

  /// JAX and Keras: in × out; convolutions k… × in × out.
  case jax

  /// Transposed convolutions in PyTorch: in × out × k…. Only single tensors have this layout, not
  /// files.
  case transposed

  /// Depthwise convolutions in Keras: k… × in × outputs per input. It is a convolution in which
  /// every output has one input. Only single tensors have this layout, not files.
  case depthwise

  /// The layouts that a file can have.
  public static let ofFiles: [TensorLayout] = [.torch, .mlx, .jax]

  /// Finds the layout in the metadata of a safetensors file, under `format`.
  ///
  /// The layout is MLX's for `mlx`, JAX's for `flax` and `tf`, and `nil` otherwise. `pt` does not
  /// determine a layout, because PyTorch's writer also stores weights of other frameworks
  /// unchanged.
  ///
  /// - Parameter metadata: The metadata of the file.
  public init?(metadata: [String: String]) {
    switch metadata["format"]?.lowercased() {
    case "mlx": self = .mlx
    case "flax", "tf": self = .jax
    default: return nil
    }
  }

  /// Returns the layout of one convolution kernel in a file of this layout.
  ///
  /// - Parameters:
  ///   - shape: The shape of the stored kernel.
  ///   - isDepthwise: Whether its name is that of a depthwise kernel in Keras.
  ///   - biasCount: The number of elements of the module's bias, one per output; `nil` without a
  ///     bias.
  /// - Returns: `depthwise` or `transposed` for such kernels of Keras and PyTorch; otherwise this
  ///   layout.
  public func ofKernel(_ shape: [Int], isDepthwise: Bool, biasCount: Int?) -> TensorLayout {
    switch self {
    case .jax where isDepthwise && shape.count > 2: .depthwise
    case .torch where biasCount.map { Self.isTransposedConvolution(shape, biasCount: $0) } ?? false:
      .transposed
    default: self
    }
  }

  /// Returns whether a tensor is the kernel of a transposed convolution in PyTorch, in × out × k….
  ///
  /// - Parameters:
  ///   - shape: The shape of the kernel.
  ///   - biasCount: The number of elements of the module's bias, one per output.
  /// - Returns: Whether the number equals the second dimension but not the first.
  public static func isTransposedConvolution(_ shape: [Int], biasCount: Int) -> Bool {
    (3...5).contains(shape.count) && shape[1] == biasCount && shape[0] != biasCount
  }

  /// Returns the dimensions of a weight as one matrix, with the taps of a convolution kernel beside
  /// its inputs.
  ///
  /// A transposed convolution is the transpose of a convolution: in × out·k…. Neither the order of
  /// the merged dimensions nor transposition changes the singular values.
  ///
  /// - Parameter shape: Two dimensions, or three to five for a convolution along one to three axes.
  /// - Returns: Rows and columns of the stored values; `nil` for other numbers of dimensions.
  public func matrix(of shape: [Int]) -> (rows: Int, columns: Int)? {
    guard (2...5).contains(shape.count) else { return nil }
    switch self {
    case .torch, .mlx, .transposed: return (shape[0], shape.dropFirst().reduce(1, *))
    case .jax: return (shape.dropLast().reduce(1, *), shape[shape.count - 1])
    case .depthwise: return (shape.dropLast(2).reduce(1, *), shape.suffix(2).reduce(1, *))
    }
  }
}

extension TensorLayout {
  /// Converts the shape of a stored weight to PyTorch's layout.
  ///
  /// - Parameter shape: The stored shape, with at least two dimensions.
  /// - Returns: out × in; for convolutions out × in × k….
  public func torchShape(of shape: [Int]) -> [Int] {
    require(shape.count >= 2, "a weight of shape \(shape)")
    switch self {
    case .torch: return shape
    case .mlx: return [shape[0], shape[shape.count - 1]] + shape[1..<(shape.count - 1)]
    case .jax: return shape.suffix(2).reversed() + shape.dropLast(2)
    case .transposed: return shape.prefix(2).reversed() + shape.dropFirst(2)
    case .depthwise: return [shape.suffix(2).reduce(1, *), 1] + shape.dropLast(2)
    }
  }

  /// Reorders the elements of a weight from PyTorch's layout to this layout.
  ///
  /// - Parameters:
  ///   - values: The elements in PyTorch's layout, last dimension fastest.
  ///   - shape: The shape in PyTorch's layout: out × in; for convolutions out × in × k….
  /// - Returns: The same number of elements.
  public func stored(_ values: ContiguousArray<Float>, torchShape shape: [Int])
    -> ContiguousArray<Float>
  {
    let (outputs, inputs) = (shape[0], shape[1])
    let taps = shape[2...].reduce(1, *)
    // The strides of output, input and tap in the stored order.
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
