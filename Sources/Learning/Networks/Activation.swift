public import ZerOLinearAlgebra

/// The function that is applied to each output of a layer.
public enum Activation: String, CaseIterable, StandaloneOperation {
  /// ReLU, max(x, 0); its derivative at 0 is 0, as in PyTorch.
  case relu

  /// tanh x.
  case tanh

  /// GELU, x·Φ(x), where Φ is the distribution function of the normal distribution.
  ///
  /// Source: D. Hendrycks and K. Gimpel, "Gaussian Error Linear Units (GELUs)" (2016).
  case gelu

  /// GELU with tanh, ½·x·(1 + tanh(√(2/π)·(x + 0.044715·x³))), as in GPT-2.
  case geluTanh = "gelu_tanh"

  /// SiLU, x/(1 + e⁻ˣ).
  ///
  /// Source: S. Elfwing, E. Uchibe and K. Doya, "Sigmoid-weighted linear units" (2018).
  case silu

  /// x, for a layer that outputs logits, and for linear networks.
  case identity

  /// Whether f′(x) follows from f(x), so x need not be kept.
  public var derivesFromOutput: Bool {
    switch self {
    case .relu, .tanh, .identity: true
    case .gelu, .geluTanh, .silu: false
    }
  }

  /// Replaces pre-activations z by a = f(z).
  ///
  /// - Parameter values: Some rows of z.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func apply<Scalar>(to values: borrowing RowBlock<Scalar>) {
    switch self {
    case .relu: values.applyReLU()
    case .tanh: values.applyTanh()
    case .gelu: values.applyGELU()
    case .geluTanh: values.applyGELUTanh()
    case .silu: values.applySiLU()
    case .identity: break
    }
  }

  /// Replaces ∂L/∂a by ∂L/∂z = ∂L/∂a · f′(z).
  ///
  /// - Parameters:
  ///   - gradient: Some rows: of ∂L/∂a on entry, of ∂L/∂z on return.
  ///   - values: All rows of a = f(z) if `derivesFromOutput`, and of z otherwise.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func pullBack<Scalar>(
    _ gradient: borrowing RowBlock<Scalar>, at values: Matrix<Scalar>
  ) {
    switch self {
    case .relu: gradient.maskGradient(ofReLU: values)
    case .tanh: gradient.multiplyByDerivative(ofTanh: values)
    case .gelu: gradient.multiplyByGELUDerivative(at: values)
    case .geluTanh: gradient.multiplyByGELUTanhDerivative(at: values)
    case .silu: gradient.multiplyBySiLUDerivative(at: values)
    case .identity: break
    }
  }

  /// Computes f(x) of every element.
  public func forward<Scalar>(
    _ pass: OperationPass<Scalar>, into output: inout Matrix<Scalar>,
    finish: @Sendable (borrowing RowBlock<Scalar>) -> Void
  ) -> ForwardRemainder<Scalar> {
    let input = pass.inputs[0]
    output.writeRows(pass.team) { block in
      block.copy(input)
      apply(to: block)
      finish(block)
    }
    return ForwardRemainder()
  }

  /// Computes ∂L/∂y · f′(x).
  public func backward<Scalar>(
    _ pass: OperationPass<Scalar>, gradient: Matrix<Scalar>,
    parameterGradients: [ContiguousArray<Scalar>], input: Int,
    into target: inout Matrix<Scalar>, adding: Bool,
    finish: @Sendable (borrowing RowBlock<Scalar>) -> Void
  ) {
    let values = derivesFromOutput ? pass.output : pass.inputs[0]
    let earlier = adding ? target : nil
    target.writeRows(pass.team) { block in
      block.copy(gradient)
      pullBack(block, at: values)
      if let earlier { block.add(earlier) }
      finish(block)
    }
  }
}
