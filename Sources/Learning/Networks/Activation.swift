public import ZerOLinearAlgebra

/// The function that a layer applies to each of its outputs.
public enum Activation: Sendable {
  /// ReLU, max(x, 0).
  case relu

  /// x, for the last layer, which outputs logits.
  case identity

  /// Replaces pre-activations z by a = f(z).
  ///
  /// - Parameter values: Some rows of z.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func apply<Scalar>(to values: borrowing RowBlock<Scalar>) {
    switch self {
    case .relu: values.applyReLU()
    case .identity: break
    }
  }

  /// Replaces ∂L/∂a by ∂L/∂z = ∂L/∂a · f′(z).
  ///
  /// - Parameters:
  ///   - gradient: Some rows: of ∂L/∂a on entry, of ∂L/∂z on return.
  ///   - activations: a = f(z), all rows; they determine f′.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func pullBack<Scalar>(
    _ gradient: borrowing RowBlock<Scalar>, at activations: Matrix<Scalar>
  ) {
    switch self {
    case .relu: gradient.maskGradient(ofReLU: activations)
    case .identity: break
    }
  }
}
