public import ZerOLinearAlgebra
import ZerORequirements

/// A normalization of each channel over the pixels and samples of a batch, as PyTorch's `nn.BatchNorm2d` and `nn.BatchNorm1d`.
///
/// ```
/// y = γ·(x − μ)/√(σ² + ε) + β,   ε = 1e-5
/// ```
///
/// In training μ and σ² are the mean and the biased variance of the batch, and the running statistics move a tenth of the way to the
/// mean and the unbiased variance. Test passes use the running statistics.
///
/// Source: S. Ioffe and C. Szegedy, "Batch normalization" (2015).
public struct BatchNormalization: StandaloneOperation {
  /// ε.
  private static let epsilon = 1e-5

  /// The weight of a batch in the running statistics.
  private static let momentum = 0.1

  /// Makes the operation.
  public init() {}

  /// γ as `weight`, β as `bias`, and the running statistics.
  public func parameters(of inputs: [ValueShape]) -> [OperationParameter] {
    let shape = [inputs[0].units]
    return [
      OperationParameter(name: "weight", shape: shape, role: .gain),
      OperationParameter(name: "bias", shape: shape, role: .shift),
      OperationParameter(name: "running_mean", shape: shape, role: .mean),
      OperationParameter(name: "running_var", shape: shape, role: .variance),
      OperationParameter(name: "num_batches_tracked", shape: [], role: .count),
    ]
  }

  private func normalization<Scalar>(_ pass: OperationPass<Scalar>) -> ChannelNormalization<Scalar>
  {
    let channels = pass.shapes[0].units
    require(
      pass.kept.count == 2 * channels, "a backward pass without a forward pass of training before")
    return ChannelNormalization(
      means: ContiguousArray(pass.kept.prefix(channels)),
      scales: ContiguousArray(pass.kept.dropFirst(channels)))
  }

  /// Computes y; the means and 1/√(σ² + ε) are kept for the backward pass.
  public func forward<Scalar>(
    _ pass: OperationPass<Scalar>, into output: inout Matrix<Scalar>,
    finish: @Sendable (borrowing RowBlock<Scalar>) -> Void
  ) -> ForwardRemainder<Scalar> {
    let (images, parameters) = (pass.inputs[0], pass.parameters)
    var rest = ForwardRemainder<Scalar>()
    let normalization: ChannelNormalization<Scalar>
    if pass.isTraining {
      let (means, variances) = ChannelNormalization.statistics(
        of: images, channels: pass.shapes[0].units, pass.team)
      normalization = ChannelNormalization(
        means: ContiguousArray(means.map { Scalar($0) }),
        variances: ContiguousArray(variances.map { Scalar($0) }), epsilon: Self.epsilon)
      rest.kept = normalization.means + normalization.scales
      let count = Double(pass.shapes[0].pixels * images.columns)
      func moved(_ old: Matrix<Scalar>, _ new: ContiguousArray<Double>, _ factor: Double)
        -> ContiguousArray<Scalar>
      {
        ContiguousArray(
          zip(old.elements, new).map {
            Scalar((1 - Self.momentum) * Double($0) + Self.momentum * factor * $1)
          })
      }
      rest.statistics = [
        2: moved(parameters[2], means, 1),
        3: moved(parameters[3], variances, count / max(1, count - 1)),
        4: [parameters[4].elements[0] + 1],
      ]
    } else {
      normalization = ChannelNormalization(
        means: parameters[2].elements, variances: parameters[3].elements, epsilon: Self.epsilon)
    }
    normalization.normalize(
      images, gain: parameters[0].elements, shift: parameters[1].elements, into: &output,
      pass.team, finish: finish)
    return rest
  }

  /// Computes ∂L/∂x, where the statistics depend on x too.
  public func backward<Scalar>(
    _ pass: OperationPass<Scalar>, gradient: Matrix<Scalar>,
    parameterGradients: [ContiguousArray<Scalar>], input: Int,
    into target: inout Matrix<Scalar>, adding: Bool,
    finish: @Sendable (borrowing RowBlock<Scalar>) -> Void
  ) {
    normalization(pass).pullBack(
      pass.inputs[0], gradient: gradient, gain: pass.parameters[0].elements,
      sums: (gain: parameterGradients[0], shift: parameterGradients[1]), into: &target,
      adding: adding, pass.team, finish: finish)
  }

  /// Σ ∂L/∂y·x̂ for the gain, and Σ ∂L/∂y for the shift.
  public func parameterGradients<Scalar>(_ pass: OperationPass<Scalar>, gradient: Matrix<Scalar>)
    -> [ContiguousArray<Scalar>]
  {
    let found = normalization(pass).gradients(of: pass.inputs[0], gradient: gradient, pass.team)
    return [found.gain, found.shift]
  }
}
