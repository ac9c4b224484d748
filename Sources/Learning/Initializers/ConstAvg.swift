// Every unit is the mean of its inputs.

public import LinearAlgebra
public import Randomness

/// Constant averaging initialization.
///
/// ```
/// W[i, j] = 1/n
/// ```
///
/// Every row sums to 1. The one singular value that isn't 0 is √(m/n).
///
/// Known weakness: rank 1. All units of a layer are equal, get equal gradients where the layer after
/// has equal weights for them too, and stay equal in exact arithmetic; the authors rely on
/// the noise of a GPU's sums to tell them apart, and sums here are done in one order. Spray is this with
/// one input left out of each unit.
///
/// A kernel has the means in its center tap, ``Initializer/kernel(_:using:)``; it doesn't average over taps.
///
/// Reference: Y. Blumenfeld, D. Gilboa and D. Soudry, "Beyond Signal Propagation: Is Feature Diversity
/// Necessary in Deep Neural Network Initialization?", ICML (2020), arXiv 2007.01038.
public struct ConstAvg: Initializer {
  /// Makes the rule; it has no parameters.
  public init() {}

  /// The constant weight; never throws, draws nothing.
  public func weight(_ shape: WeightShape, using streams: inout RandomStreams)
    throws(InitializationError) -> Matrix<Float>
  {
    Matrix(repeating: 1 / Float(shape.inputs), rows: shape.outputs, columns: shape.inputs)
  }
}
