public import ZerOLinearAlgebra
public import ZerORandomness

/// Orthogonal initialization: a random matrix whose singular values are all 1.
///
/// With G of max(m, n) × min(m, n) standard normals and G = Q·R, where R has a positive diagonal,
///
/// ```
/// W = Q if m ≥ n, Qᵀ otherwise
/// ```
///
/// A convolution kernel is one matrix with the inputs of all taps in a row, out × in·k…, as in
/// PyTorch.
///
/// PyTorch factorizes in single precision. Here the factorization is in double precision and the
/// result is rounded, so both agree up to PyTorch's rounding.
///
/// Reference: A. M. Saxe, J. L. McClelland and S. Ganguli, "Exact solutions to the nonlinear
/// dynamics of learning in deep linear neural networks", ICLR (2014), arXiv 1312.6120; PyTorch,
/// `torch.nn.init.orthogonal_`.
public struct Orthogonal: Initializer {
  /// Makes the initializer.
  public init() {}

  /// Enough for the up to three matrices in double precision that the factorization needs.
  public var bytesPerElement: Int { 32 }

  /// Rejects more rows or columns than LAPACK's 32-bit integers can count.
  ///
  /// - Throws: `InitializationError.tooLong`.
  public func check(_ shape: WeightShape) throws(InitializationError) {
    guard max(shape.outputs, shape.inputs) <= Int32.max else { throw .tooLong(shape) }
  }

  /// Computes the weight from PyTorch's stream, in O(m·n·min(m, n)).
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

  /// Computes the convolution kernel from PyTorch's stream: the weight of the flattened shape.
  ///
  /// - Throws: `InitializationError.tooLong`.
  public func kernel(_ shape: KernelShape, using streams: inout RandomStreams)
    throws(InitializationError) -> ContiguousArray<Float>
  {
    try weight(shape.flattened, using: &streams).elements
  }
}
