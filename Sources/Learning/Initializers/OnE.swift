public import ZerOLinearAlgebra
public import ZerORandomness

/// OnE initialization: every row is a unit vector.
///
/// ```
/// W[i, j] = [i = j]       for i < n
/// W[i, j] = [cᵢ = j]      for i ≥ n, cᵢ uniform on 0 … n − 1
/// ```
///
/// If m ≤ n, W is the partial identity and nothing is drawn. Unlike the partial identity, OnE
/// leaves no hidden unit without an input, but it has only n distinct rows.
///
/// A convolution kernel has W in its center tap, ``Initializer/kernel(_:using:)``; the source does
/// not define kernels.
///
/// Source: the extended version of the MNIST notebook of arXiv 2110.12661, which draws cᵢ row by
/// row with `numpy.random.Generator.integers(0, n - 1, endpoint=True)`.
public struct OnE: Initializer {
  /// Makes the initializer.
  public init() {}

  /// A square weight has no rows beyond the inputs.
  public func isIdentity(_ shape: WeightShape) -> Bool { shape.isSquare }

  /// Computes the weight; cᵢ come from NumPy's stream in the order of the rows; never throws.
  public func weight(_ shape: WeightShape, using streams: inout RandomStreams)
    throws(InitializationError) -> Matrix<Float>
  {
    var weight = Matrix<Float>.identity(rows: shape.outputs, columns: shape.inputs)
    for i in min(shape.inputs, shape.outputs)..<shape.outputs {
      weight[i, streams.numPy.integer(below: shape.inputs)] = 1
    }
    return weight
  }
}
