// Random orthogonal weights.

public import LinearAlgebra
public import Randomness

/// Orthogonal initialization: a random matrix whose singular values are all 1.
///
/// With G of max(m, n) × min(m, n) standard normals and G = Q·R, R's diagonal positive,
///
/// ```
/// W = Q where m ≥ n, Qᵀ otherwise
/// ```
///
/// A kernel is one matrix with the inputs of all taps in a row, out × in·k…, as in PyTorch.
///
/// PyTorch factorizes in single precision; here it is done in double and rounded at the end, so that
/// both agree to the rounding of PyTorch's.
///
/// Reference: A. M. Saxe, J. L. McClelland and S. Ganguli, "Exact solutions to the nonlinear dynamics
/// of learning in deep linear neural networks", ICLR (2014), arXiv 1312.6120; PyTorch,
/// `torch.nn.init.orthogonal_`.
public struct Orthogonal: Initializer {
  /// Makes the rule; it has no parameters.
  public init() {}

  /// The factorization holds up to three matrices in double precision.
  public var bytesPerElement: Int { 32 }

  /// Refuses more rows or columns than LAPACK's 32-bit integers count.
  ///
  /// - Throws: `InitializationError.tooLong`.
  public func check(_ shape: WeightShape) throws(InitializationError) {
    guard max(shape.outputs, shape.inputs) <= Int32.max else { throw .tooLong(shape) }
  }

  /// The weight of PyTorch's stream, in O(m·n·min(m, n)).
  ///
  /// - Throws: `InitializationError.tooLong`.
  public func weight(_ shape: WeightShape, using streams: inout RandomStreams)
    throws(InitializationError) -> Matrix<Float>
  {
    try check(shape)
    let (m, n) = (shape.outputs, shape.inputs)
    let normals = Matrix(
      rows: m, columns: n,
      elements: streams.torch.normal(count: m * n, mean: 0, standardDeviation: 1))
    let wide = Matrix<Double>(normals)
    return Matrix<Float>(
      m >= n ? wide.orthonormalColumns() : wide.transposed.orthonormalColumns().transposed)
  }

  /// The convolution kernel of PyTorch's stream: the weight of the flattened shape.
  ///
  /// - Throws: `InitializationError.tooLong`.
  public func kernel(_ shape: KernelShape, using streams: inout RandomStreams)
    throws(InitializationError) -> ContiguousArray<Float>
  {
    try weight(shape.flattened, using: &streams).elements
  }
}
