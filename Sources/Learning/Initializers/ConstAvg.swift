public import ZerOLinearAlgebra
public import ZerORandomness

/// Constant averaging initialization: every unit computes the mean of its inputs.
///
/// ```
/// W[i, j] = 1/n
/// ```
///
/// Every row sums to 1. The only nonzero singular value is √(m/n).
///
/// Known weakness: rank 1. All units of a layer are identical. If the next layer gives them equal
/// weights, they have equal gradients and stay identical in exact arithmetic. The authors rely on
/// the nondeterministic sums of a GPU to make them diverge; sums here have a fixed order. Spray is
/// a variant that omits one input per unit.
///
/// A convolution kernel has the averages in its center tap, ``Initializer/kernel(_:using:)``; it
/// does not average over taps.
///
/// Reference: Y. Blumenfeld, D. Gilboa and D. Soudry, "Beyond Signal Propagation: Is Feature
/// Diversity Necessary in Deep Neural Network Initialization?", ICML (2020), arXiv 2007.01038.
public struct ConstAvg: Initializer {
  /// Makes the initializer.
  public init() {}

  /// Computes the constant weight; never throws and draws no random numbers.
  public func weight(_ shape: WeightShape, using streams: inout RandomStreams)
    throws(InitializationError) -> Matrix<Float>
  {
    Matrix(repeating: 1 / Float(shape.inputs), rows: shape.outputs, columns: shape.inputs)
  }
}
