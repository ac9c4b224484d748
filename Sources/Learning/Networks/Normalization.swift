public import ZerOLinearAlgebra

/// A normalization of each sample over the units of a layer, or over the pixels and channels of an image in groups of channels.
///
/// ```
/// layer:  y = γ ⊙ (x − μ)/√(σ² + ε) + β,   μ and σ² the mean and the biased variance over the units
/// rms:    y = γ ⊙ x/√(mean of x² + ε)
/// ```
///
/// As PyTorch's `nn.LayerNorm`, `nn.GroupNorm` for images, and `nn.RMSNorm`, with their defaults: ε is 1e-5 for `layer`, and the distance from 1 to the next
/// number of the precision for `rms`.
///
/// Sources: J. L. Ba, J. R. Kiros and G. E. Hinton, "Layer normalization" (2016); B. Zhang and R. Sennrich, "Root mean square
/// layer normalization" (2019); Y. Wu and K. He, "Group normalization" (2018).
public struct Normalization: StandaloneOperation {
  /// The kind of a normalization.
  public enum Kind: String, CaseIterable, Sendable {
    /// Layer normalization, with gain and shift.
    case layer
    /// Root mean square normalization, with a gain.
    case rms
  }

  /// The kind.
  public let kind: Kind

  /// The number of groups of neighboring channels, each with statistics of its own.
  public let groups: Int

  /// The groups of channels that stand for several ones, which need not be neighbors; `nil` for those of the whole model.
  private var merged: ChannelGroups?

  /// Makes a normalization.
  ///
  /// - Parameters:
  ///   - kind: The kind.
  ///   - groups: A divisor of the number of channels.
  public init(_ kind: Kind, groups: Int = 1) { (self.kind, self.groups) = (kind, groups) }

  /// The same normalization of channels that stand for several identical ones.
  ///
  /// - Parameter groups: Their groups.
  /// - Returns: The normalization.
  public func merged(_ groups: ChannelGroups) -> Normalization {
    var copy = self
    copy.merged = groups
    return copy
  }

  /// γ as `weight`, and β as `bias` for `layer`, as in PyTorch.
  public func parameters(of inputs: [ValueShape]) -> [OperationParameter] {
    let shape = [inputs[0].units]
    let gain = OperationParameter(name: "weight", shape: shape, role: .gain)
    switch kind {
    case .layer: return [gain, OperationParameter(name: "bias", shape: shape, role: .shift)]
    case .rms: return [gain]
    }
  }

  /// The groups of channels.
  ///
  /// - Parameter channels: The number of channels.
  /// - Returns: Neighbors in groups of the same size, unless channels are merged.
  public func channelGroups(_ channels: Int) -> ChannelGroups {
    merged ?? ChannelGroups(channels: channels, groups: groups)
  }

  /// The statistics that the forward pass kept.
  private func statistics<Scalar>(_ pass: OperationPass<Scalar>) -> ColumnNormalization<Scalar> {
    ColumnNormalization(
      kept: pass.kept, channels: channelGroups(pass.shapes[0].units), centers: kind == .layer)
  }

  /// Computes y.
  public func forward<Scalar>(
    _ pass: OperationPass<Scalar>, into output: inout Matrix<Scalar>,
    finish: @Sendable (borrowing RowBlock<Scalar>) -> Void
  ) -> ForwardRemainder<Scalar> {
    let statistics = ColumnNormalization(
      of: pass.inputs[0], channels: channelGroups(pass.shapes[0].units), centers: kind == .layer,
      epsilon: kind == .layer ? 1e-5 : Double(Scalar.ulpOfOne),
      multiplicities: pass.multiplicities, pass.team)
    let (values, gain) = (pass.inputs[0], pass.parameters[0].elements)
    let shift = kind == .layer ? pass.parameters[1].elements : nil
    output.writeRows(pass.team) { block in
      block.normalize(values, by: statistics, gain: gain, shift: shift)
      finish(block)
    }
    var remainder = ForwardRemainder<Scalar>()
    remainder.kept = statistics.numbers
    return remainder
  }

  /// Computes ∂L/∂x.
  ///
  /// With g = γ ⊙ ∂L/∂y, r the reciprocal of the root and x̂ = r·(x − μ), it is r·(g − mean of g − x̂·mean of g·x̂);
  /// `rms` has no mean of g.
  public func backward<Scalar>(
    _ pass: OperationPass<Scalar>, gradient: Matrix<Scalar>,
    parameterGradients: [ContiguousArray<Scalar>], input: Int,
    into target: inout Matrix<Scalar>, adding: Bool,
    finish: @Sendable (borrowing RowBlock<Scalar>) -> Void
  ) {
    let statistics = statistics(pass)
    let (values, gain) = (pass.inputs[0], pass.parameters[0].elements)
    let means = statistics.gradientMeans(
      of: values, gradient: gradient, gain: gain, multiplicities: pass.multiplicities,
      pass.team)
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
    let gain = statistics(pass).gainGradient(
      of: pass.inputs[0], gradient: gradient, pass.team)
    guard kind == .layer else { return [gain] }
    return [
      gain,
      pass.shapes[0].pixels == 1
        ? gradient.rowSums()
        : gradient.channelSums(channels: pass.shapes[0].units, pass.team),
    ]
  }
}
