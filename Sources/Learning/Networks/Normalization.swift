public import ZerOLinearAlgebra

/// A normalization of each sample over the units of a layer.
///
/// ```
/// layer:  y = γ ⊙ (x − μ)/√(σ² + ε) + β,   μ and σ² the mean and the biased variance over the units
/// rms:    y = γ ⊙ x/√(mean of x² + ε)
/// ```
///
/// As PyTorch's `nn.LayerNorm` and `nn.RMSNorm`, with their defaults: ε is 1e-5 for `layer`, and the distance from 1 to the next
/// number of the precision for `rms`.
///
/// Sources: J. L. Ba, J. R. Kiros and G. E. Hinton, "Layer normalization" (2016); B. Zhang and R. Sennrich, "Root mean square
/// layer normalization" (2019).
public struct Normalization: WeightlessOperation {
  /// The kind of a normalization.
  public enum Kind: String, CaseIterable, Sendable {
    /// Layer normalization, with gain and shift.
    case layer
    /// Root mean square normalization, with a gain.
    case rms
  }

  /// The kind.
  public let kind: Kind

  /// Makes a normalization.
  public init(_ kind: Kind) { self.kind = kind }

  /// γ as `weight`, and β as `bias` for `layer`, as in PyTorch.
  public func parameters(of inputs: [Int]) -> [OperationParameter] {
    let shape = [outputs(of: inputs)]
    let gain = OperationParameter(name: "weight", shape: shape, role: .gain)
    switch kind {
    case .layer: return [gain, OperationParameter(name: "bias", shape: shape, role: .shift)]
    case .rms: return [gain]
    }
  }

  private func statistics<Scalar>(_ pass: OperationPass<Scalar>) -> ColumnNormalization<Scalar> {
    ColumnNormalization(
      of: pass.inputs[0], centers: kind == .layer,
      epsilon: kind == .layer ? 1e-5 : Double(Scalar.ulpOfOne), multiplicities: pass.multiplicities)
  }

  /// Computes y.
  public func forward<Scalar>(_ pass: OperationPass<Scalar>, into output: inout Matrix<Scalar>) {
    let statistics = statistics(pass)
    let (values, gain) = (pass.inputs[0], pass.parameters[0].elements)
    let shift = kind == .layer ? pass.parameters[1].elements : nil
    output.writeRows(pass.team) { block in
      block.normalize(values, by: statistics, gain: gain, shift: shift)
    }
  }

  /// Computes ∂L/∂x.
  ///
  /// With g = γ ⊙ ∂L/∂y, r the reciprocal of the root and x̂ = r·(x − μ), it is r·(g − mean of g − x̂·mean of g·x̂);
  /// `rms` has no mean of g.
  public func backward<Scalar>(
    _ pass: OperationPass<Scalar>, gradient: Matrix<Scalar>, input: Int,
    into target: inout Matrix<Scalar>, adding: Bool,
    finish: @Sendable (borrowing RowBlock<Scalar>) -> Void
  ) {
    let statistics = statistics(pass)
    let (values, gain) = (pass.inputs[0], pass.parameters[0].elements)
    let means = statistics.gradientMeans(
      of: values, gradient: gradient, gain: gain, multiplicities: pass.multiplicities)
    target.writeRows(pass.team) { block in
      block.pullBackNormalization(
        of: values, by: statistics, gradient: gradient, gain: gain, means: means, adding: adding)
      finish(block)
    }
  }

  /// Σ ∂L/∂y · x̂ for the gain, and Σ ∂L/∂y for the shift.
  public func parameterGradients<Scalar>(_ pass: OperationPass<Scalar>, gradient: Matrix<Scalar>)
    -> [ContiguousArray<Scalar>]
  {
    let gain = statistics(pass).gainGradient(of: pass.inputs[0], gradient: gradient)
    return kind == .layer ? [gain, gradient.rowSums()] : [gain]
  }
}
