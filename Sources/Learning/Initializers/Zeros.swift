// Nothing, for the end of a residual branch.

public import LinearAlgebra
public import Randomness

/// Zero initialization.
///
/// ```
/// W[i, j] = 0
/// ```
///
/// Meant for the last layer of a residual branch, which then hands its input through unchanged: Fixup
/// sets that layer's weight to 0; ReZero and SkipInit set a factor behind it to 0, with the same effect.
///
/// Known weakness: rank 0, and a plain chain of such layers doesn't learn. Neither signal nor gradient passes
/// a weight of zeros: without biases no weight ever moves, and with equal biases all units of a layer stay
/// equal, so that a weight gets no further than rank 1.
///
/// Reference: H. Zhang, Y. N. Dauphin and T. Ma, "Fixup Initialization: Residual Learning Without
/// Normalization", ICLR (2019), arXiv 1901.09321; T. Bachlechner and others, "ReZero is All You Need:
/// Fast Convergence at Large Depth", UAI (2021), arXiv 2003.04887; S. De and S. L. Smith, "Batch
/// Normalization Biases Residual Blocks Towards the Identity Function in Deep Networks", NeurIPS (2020),
/// arXiv 2002.10444 (SkipInit).
public struct Zeros: Initializer {
  /// Makes the rule; it has no parameters.
  public init() {}

  /// The zero weight; never throws, draws nothing.
  public func weight(_ shape: WeightShape, using streams: inout RandomStreams)
    throws(InitializationError) -> Matrix<Float>
  {
    Matrix(repeating: 0, rows: shape.outputs, columns: shape.inputs)
  }
}
