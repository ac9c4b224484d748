// In which order frameworks keep the axes of a weight.

/// Where a weight's outputs and inputs are among its extents.
public enum TensorLayout: String, CaseIterable, Sendable {
  /// PyTorch's and Candle's: out × in, for convolutions out × in × k….
  case torch

  /// MLX's: out × in, for convolutions out × k… × in.
  case mlx

  /// JAX's and Keras's: in × out, for convolutions k… × in × out.
  case jax

  /// The extents of a weight as one matrix, the taps of a kernel beside its inputs.
  ///
  /// Which axis comes first among those that are put together changes no singular value, and neither does turning
  /// the matrix.
  ///
  /// - Parameter shape: Two extents, or three to five of a convolution of one to three dimensions.
  /// - Returns: Rows and columns of the values as they are stored; `nil` for other numbers of extents.
  public func matrix(of shape: [Int]) -> (rows: Int, columns: Int)? {
    guard (2...5).contains(shape.count) else { return nil }
    switch self {
    case .torch, .mlx: return (shape[0], shape.dropFirst().reduce(1, *))
    case .jax: return (shape.dropLast().reduce(1, *), shape[shape.count - 1])
    }
  }
}
