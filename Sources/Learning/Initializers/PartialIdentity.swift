public import ZerOLinearAlgebra
public import ZerORandomness

/// Partial identity initialization.
///
/// ```
/// W[i, j] = 1 if i = j, else 0
/// ```
///
/// If m > n, the rows from n on are zero; if m < n, the columns from m on. All min(m, n) singular
/// values are 1. A network of such layers without biases passes its input on unchanged. By Theorem
/// 1, the rank of W − I of its square layers then never exceeds the input dimension during
/// training, in exact arithmetic. This is the degeneracy that the package measures.
///
/// The kernel of a depthwise convolution, m × 1 × k…, has one input, so only the first of its m
/// outputs is nonzero. ``IDInit`` has a 1 in each.
///
/// Reference: J. Zhao, F. Schäfer and A. Anandkumar, "ZerO Initialization: Initializing Neural
/// Networks with only Zeros and Ones", TMLR (2022), arXiv 2110.12661, definition 1.
public struct PartialIdentity: Initializer {
  /// Makes the initializer.
  public init() {}

  /// A square partial identity is the identity.
  public func isIdentity(_ shape: WeightShape) -> Bool { shape.isSquare }

  /// Computes the partial identity; never throws and draws no random numbers.
  public func weight(_ shape: WeightShape, using streams: inout RandomStreams)
    throws(InitializationError) -> Matrix<Float>
  {
    .identity(rows: shape.outputs, columns: shape.inputs)
  }
}
