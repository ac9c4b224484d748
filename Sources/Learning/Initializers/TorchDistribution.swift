// The random weights of `torch.nn.init` that are one distribution, scaled by the layer's fans.

public import LinearAlgebra
public import Randomness

/// A random weight of `torch.nn.init`, scaled by its fans: n, what a unit reads, and m, the units that read
/// an input.
///
/// ```
/// Kaiming: σ² = 2/n            Xavier: σ² = 2/(m + n)
/// normal:  N(0, σ²)            uniform: U(−√3·σ, √3·σ)
/// ```
///
/// A dense layer's fans are its inputs and outputs, a convolution's are its channels times the number of
/// taps.
///
/// None is truncated, and the streams are PyTorch's. Keras and JAX truncate what they call He or Glorot
/// normal at two standard deviations and rescale it; MLX's default gain is 1.
///
/// Reference: K. He, X. Zhang, S. Ren and J. Sun, "Delving Deep into Rectifiers: Surpassing
/// Human-Level Performance on ImageNet Classification", ICCV (2015), equation 10; X. Glorot and Y.
/// Bengio, "Understanding the difficulty of training deep feedforward neural networks", AISTATS
/// (2010), equations 12 and 16.
public struct TorchDistribution: Initializer {
  /// What the variance depends on.
  public enum Scaling: Sendable {
    /// 2/n: keeps the variance of rectified activations going forward.
    case kaiming

    /// 2/(m + n): between keeping activations and keeping gradients.
    case xavier
  }

  /// The kind of distribution.
  public enum Family: Sendable {
    /// The normal distribution.
    case normal

    /// The uniform distribution of the same variance.
    case uniform
  }

  /// What the variance depends on.
  public let scaling: Scaling

  /// The kind of distribution.
  public let family: Family

  /// Makes the rule.
  public init(_ scaling: Scaling, _ family: Family) {
    self.scaling = scaling
    self.family = family
  }

  /// The weight that PyTorch draws, in O(m·n); never throws.
  public func weight(_ shape: WeightShape, using streams: inout RandomStreams)
    throws(InitializationError) -> Matrix<Float>
  {
    Matrix(
      rows: shape.outputs, columns: shape.inputs,
      elements: values(
        count: shape.outputs * shape.inputs, fanIn: shape.inputs, fanOut: shape.outputs,
        using: &streams.torch))
  }

  /// The kernel that PyTorch draws, row-major; never throws.
  public func kernel(_ shape: KernelShape, using streams: inout RandomStreams)
    throws(InitializationError) -> ContiguousArray<Float>
  {
    values(
      count: shape.outputs * shape.inputs * shape.taps, fanIn: shape.inputs * shape.taps,
      fanOut: shape.outputs * shape.taps, using: &streams.torch)
  }

  private func values(
    count: Int, fanIn: Int, fanOut: Int, using generator: inout TorchGenerator
  ) -> ContiguousArray<Float> {
    let (m, n) = (Double(fanOut), Double(fanIn))
    let deviation =
      switch scaling {
      case .kaiming: 2.0.squareRoot() / n.squareRoot()
      case .xavier: (2 / (m + n)).squareRoot()
      }
    switch family {
    case .normal:
      return generator.normal(count: count, mean: 0, standardDeviation: Float(deviation))
    case .uniform:
      let end = Float(3.0.squareRoot() * deviation)
      return generator.uniform(count: count, lower: -end, upper: end)
    }
  }
}
