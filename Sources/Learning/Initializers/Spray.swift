// Every input but one, in equal parts.

public import LinearAlgebra
public import Randomness

/// Spray initialization: each unit averages all inputs but one.
///
/// ```
/// W = (𝟙 − E) / (n − 1)
/// ```
///
/// with E the OnE matrix of the same shape and 𝟙 all ones, also where m ≤ n. Each of the first n
/// rows, and each row beyond, sums to 1. Square, the singular values are 1 and, n − 1 times,
/// 1/(n − 1): nearly rank 1. For n = 1 it has no value.
///
/// A kernel has them in its center tap, ``Initializer/kernel(_:using:)``; the source says nothing of kernels.
///
/// Source: the extended version of the MNIST notebook of arXiv 2110.12661; a neighbor of the
/// constant initialization of Y. Blumenfeld, D. Gilboa and D. Soudry, "Beyond Signal Propagation: Is
/// Feature Diversity Necessary in Deep Neural Network Initialization?", ICML (2020).
public struct Spray: Initializer {
  /// Makes the rule; it has no parameters.
  public init() {}

  /// Refuses layers of one input.
  ///
  /// - Throws: `InitializationError.sprayOfOneInput` when n = 1.
  public func check(_ shape: WeightShape) throws(InitializationError) {
    guard shape.inputs > 1 else { throw .sprayOfOneInput(shape) }
  }

  /// The weight, drawn like OnE's.
  ///
  /// - Throws: `InitializationError.sprayOfOneInput` when n = 1.
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
