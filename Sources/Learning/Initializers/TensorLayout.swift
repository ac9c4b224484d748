// In which order frameworks keep the axes of a weight.

/// Where a weight's outputs and inputs are among its dimensions.
public enum TensorLayout: String, CaseIterable, Sendable {
  /// PyTorch's and Candle's: out × in, for convolutions out × in × k….
  case torch

  /// MLX's: out × in, for convolutions out × k… × in.
  case mlx

  /// JAX's and Keras's: in × out, for convolutions k… × in × out.
  case jax

  /// PyTorch's, of a transposed convolution: in × out × k…. The layout of single tensors and of no file.
  case transposed

  /// Keras's, of a depthwise convolution: k… × in × outputs per input, which is a convolution of all its outputs with one
  /// input each. The layout of single tensors and of no file.
  case depthwise

  /// The layouts that a file can have.
  public static let ofFiles: [TensorLayout] = [.torch, .mlx, .jax]

  /// The layout that a file's metadata name, as the writers of safetensors files leave it in `format`.
  ///
  /// MLX's for `mlx`, JAX's for `flax` and `tf`; `nil` for other files. `pt` is among those, since PyTorch's writer also
  /// stores the weights of other frameworks, as they are.
  ///
  /// - Parameter metadata: The texts about the file.
  public init?(metadata: [String: String]) {
    switch metadata["format"]?.lowercased() {
    case "mlx": self = .mlx
    case "flax", "tf": self = .jax
    default: return nil
    }
  }

  /// The layout of one convolution kernel in a file of this layout.
  ///
  /// - Parameters:
  ///   - shape: Of the kernel as it is stored.
  ///   - isDepthwise: Whether it has the name of Keras's depthwise kernels.
  ///   - biasCount: The number of values of the module's bias, one per output; `nil` without one.
  /// - Returns: `depthwise` and `transposed` for Keras's and PyTorch's kernels of those layouts, else this layout.
  public func ofKernel(_ shape: [Int], isDepthwise: Bool, biasCount: Int?) -> TensorLayout {
    switch self {
    case .jax where isDepthwise && shape.count > 2: .depthwise
    case .torch where biasCount.map { Self.isTransposedConvolution(shape, biasCount: $0) } ?? false:
      .transposed
    default: self
    }
  }

  /// Whether a tensor is the convolution kernel of PyTorch's transposed convolutions, in × out × k….
  ///
  /// - Parameters:
  ///   - shape: Of the kernel.
  ///   - biasCount: The number of values of the module's bias, one per output.
  /// - Returns: Whether the bias has as many values as the second dimension and not as the first.
  public static func isTransposedConvolution(_ shape: [Int], biasCount: Int) -> Bool {
    (3...5).contains(shape.count) && shape[1] == biasCount && shape[0] != biasCount
  }

  /// The dimensions of a weight as one matrix, the taps of a convolution kernel beside its inputs.
  ///
  /// A transposed convolution is the convolution of which it is the transpose: in × out·k…. Which axis comes first among those that are put together changes no singular value, and neither does turning
  /// the matrix.
  ///
  /// - Parameter shape: Two dimensions, or three to five of a convolution along one to three axes.
  /// - Returns: Rows and columns of the values as they are stored; `nil` for other numbers of dimensions.
  public func matrix(of shape: [Int]) -> (rows: Int, columns: Int)? {
    guard (2...5).contains(shape.count) else { return nil }
    switch self {
    case .torch, .mlx, .transposed: return (shape[0], shape.dropFirst().reduce(1, *))
    case .jax: return (shape.dropLast().reduce(1, *), shape[shape.count - 1])
    case .depthwise: return (shape.dropLast(2).reduce(1, *), shape.suffix(2).reduce(1, *))
    }
  }
}
