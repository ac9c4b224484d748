public import ZerOLinearAlgebra
public import ZerORandomness

/// Zero initialization.
///
/// ```
/// W[i, j] = 0
/// ```
///
/// It is meant for the last layer of a residual branch, so the block initially passes its input on
/// unchanged. Fixup sets the weight of that layer to 0. ReZero and SkipInit multiply the branch by
/// a factor of 0, with the same effect.
///
/// Known weakness: rank 0, and a plain stack of such layers does not learn. A zero weight passes
/// neither signal nor gradient. Without biases no weight ever changes. With equal biases all units
/// of a layer stay identical, so weights reach at most rank 1.
///
/// Reference: H. Zhang, Y. N. Dauphin and T. Ma, "Fixup Initialization: Residual Learning Without
/// Normalization", ICLR (2019), arXiv 1901.09321; T. Bachlechner and others, "ReZero is All You
/// Need: Fast Convergence at Large Depth", UAI (2021), arXiv 2003.04887; S. De and S. L. Smith,
/// "Batch Normalization Biases Residual Blocks Towards the Identity Function in Deep Networks",
/// NeurIPS (2020), arXiv 2002.10444 (SkipInit).
public struct Zeros: Initializer {
  /// Makes the initializer.
  public init() {}

  /// Computes the zero weight; never throws and draws no random numbers.
  public func weight(_ shape: WeightShape, using streams: inout RandomStreams)
    throws(InitializationError) -> Matrix<Float>
  {
    Matrix(repeating: 0, rows: shape.outputs, columns: shape.inputs)
  }
}
