// The random initializers of `torch.nn.init` that draw independent elements.

public import ZerOLinearAlgebra
public import ZerORandomness

/// A random initializer of `torch.nn.init` whose variance depends on fan-in n and fan-out m.
///
/// ```
/// Kaiming: σ² = 2/n            Xavier: σ² = 2/(m + n)
/// normal:  N(0, σ²)            uniform: U(−√3·σ, √3·σ)
/// ```
///
/// The fans of a dense layer are its numbers of inputs and outputs; the fans of a convolution are
/// its channels times the number of taps.
///
/// No distribution is truncated, and the streams are PyTorch's. Keras and JAX truncate their He and
/// Glorot normals at two standard deviations and rescale them; the default gain of MLX is 1.
///
/// Reference: K. He, X. Zhang, S. Ren and J. Sun, "Delving Deep into Rectifiers: Surpassing
/// Human-Level Performance on ImageNet Classification", ICCV (2015), equation 10; X. Glorot and Y.
/// Bengio, "Understanding the difficulty of training deep feedforward neural networks", AISTATS
/// (2010), equations 12 and 16.
public struct TorchDistribution: Initializer {
  /// The formula of the variance.
  public enum Scaling: Sendable {
    /// 2/n: preserves the variance of ReLU activations in the forward pass.
    case kaiming

    /// 2/(m + n): a compromise between preserving activations and preserving gradients.
    case xavier
  }

  /// The shape of the distribution.
  public enum Family: Sendable {
    /// The normal distribution.
    case normal

    /// The uniform distribution with the same variance.
    case uniform
  }

  /// The formula of the variance.
  public let scaling: Scaling

  /// The shape of the distribution.
  public let family: Family

  /// Makes the initializer.
  public init(_ scaling: Scaling, _ family: Family) {
    self.scaling = scaling
    self.family = family
  }

  /// Computes the weight that PyTorch draws, in O(m·n); never throws.
  public func weight(_ shape: WeightShape, using streams: inout RandomStreams)
    throws(InitializationError) -> Matrix<Float>
  {
    Matrix(
      rows: shape.outputs, columns: shape.inputs,
      elements: values(
        count: shape.outputs * shape.inputs, fanIn: shape.inputs, fanOut: shape.outputs,
        using: &streams.torch))
  }

  /// Computes the kernel that PyTorch draws, row-major; never throws.
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
