// The usual random weights, for comparison.

public import LinearAlgebra
public import Randomness

/// Kaiming (He) normal initialisation.
///
/// ```
/// W[i, j] ~ N(0, 2/n), independent, not truncated
/// ```
///
/// "He normal" names three things: this one is PyTorch's; Keras and JAX truncate at two standard
/// deviations and rescale; MLX uses a gain of 1.
///
/// Reference: K. He, X. Zhang, S. Ren and J. Sun, "Delving Deep into Rectifiers: Surpassing
/// Human-Level Performance on ImageNet Classification", ICCV (2015), equation 10; PyTorch,
/// `torch.nn.init.kaiming_normal_`.
public struct KaimingNormal: Initializer {
  /// Makes the rule; it has no parameters.
  public init() {}

  /// The weight that `kaiming_normal_` draws from PyTorch's stream; never throws.
  public func weight(_ shape: WeightShape, using streams: inout RandomStreams)
    throws(InitializationError) -> Matrix<Float>
  {
    let deviation = Float(2.0.squareRoot() / Double(shape.inputs).squareRoot())
    return Matrix(
      rows: shape.outputs, columns: shape.inputs,
      elements: streams.torch.normal(
        count: shape.outputs * shape.inputs, mean: 0, standardDeviation: deviation))
  }
}
