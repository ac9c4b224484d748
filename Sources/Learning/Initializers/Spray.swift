public import ZerOLinearAlgebra
public import ZerORandomness

/// Spray initialization: each unit averages all inputs except one.
///
/// ```
/// W = (𝟙 − E) / (n − 1)
/// ```
///
/// E is the OnE matrix of the same shape, also for m ≤ n, and 𝟙 is all ones. Every row sums to 1.
/// The singular values of a square W are 1 and, n − 1 times, 1/(n − 1): it has nearly rank 1. Spray
/// is undefined for n = 1.
///
/// A convolution kernel has W in its center tap, ``Initializer/kernel(_:using:)``; the source does
/// not define kernels.
///
/// Source: the extended version of the MNIST notebook of arXiv 2110.12661; related to the constant
/// initialization of Y. Blumenfeld, D. Gilboa and D. Soudry, "Beyond Signal Propagation: Is Feature
/// Diversity Necessary in Deep Neural Network Initialization?", ICML (2020).
public struct Spray: Initializer {
  /// Makes the initializer.
  public init() {}

  /// Rejects layers with one input.
  ///
  /// - Throws: `InitializationError.sprayOfOneInput` if n = 1.
  public func check(_ shape: WeightShape) throws(InitializationError) {
    guard shape.inputs > 1 else { throw .sprayOfOneInput(shape) }
  }

  /// Computes the weight, with the random draws of OnE.
  ///
  /// - Throws: `InitializationError.sprayOfOneInput` if n = 1.
  public func weight(_ shape: WeightShape, using streams: inout RandomStreams)
    throws(InitializationError) -> Matrix<Float>
  {
    try check(shape)
    let one = try OnE().weight(shape, using: &streams)
    let part = 1 / Float(shape.inputs - 1)
    return Matrix(rows: shape.outputs, columns: shape.inputs) { i, j in
      one[i, j] == 1 ? 0 : part
    }
  }
}
