// The identity, cut or padded to the layer's shape.

public import LinearAlgebra
public import Randomness

/// Partial identity initialization.
///
/// ```
/// W[i, j] = 1 if i = j, else 0
/// ```
///
/// Rows beyond n are zero when m > n, columns beyond m when m < n. All min(m, n) singular values are
/// 1. A network of such layers hands its input through unchanged, and during training the rank of
/// W − I stays at or below the input dimension (Theorem 1): the degeneracy that this package
/// measures.
///
/// The kernel of a depthwise convolution, m × 1 × k…, has one input, so of its m outputs only the first passes;
/// ``IDInit`` has a 1 in each.
///
/// Reference: J. Zhao, F. Schäfer and A. Anandkumar, "ZerO Initialization: Initializing Neural
/// Networks with only Zeros and Ones", TMLR (2022), arXiv 2110.12661, definition 1.
public struct PartialIdentity: Initializer {
  /// Makes the rule; it has no parameters.
  public init() {}

  /// Square, it is the identity whole.
  public func isIdentity(_ shape: WeightShape) -> Bool { shape.isSquare }

  /// The partial identity of the shape; never throws, draws nothing.
  public func weight(_ shape: WeightShape, using streams: inout RandomStreams)
    throws(InitializationError) -> Matrix<Float>
  {
    .identity(rows: shape.outputs, columns: shape.inputs)
  }
}
