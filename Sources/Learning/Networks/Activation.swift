// What stands between two layers.

public import LinearAlgebra

/// The function applied to a layer's outputs, element by element.
public enum Activation: Sendable {
  /// max(x, 0).
  case rectifiedLinear

  /// x: the last layer hands out logits.
  case identity

  /// Replaces pre-activations z by a = f(z).
  ///
  /// - Parameter values: Some rows of z.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func apply<Scalar>(to values: borrowing RowBlock<Scalar>) {
    switch self {
    case .rectifiedLinear: values.applyReLU()
    case .identity: break
    }
  }

  /// Replaces ∂L/∂a by ∂L/∂z = ∂L/∂a · f′(z).
  ///
  /// - Parameters:
  ///   - gradient: Some rows of ∂L/∂a on entry, of ∂L/∂z on return.
  ///   - activations: a = f(z), all of its rows; f′ can be told from a.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func pullBack<Scalar>(
    _ gradient: borrowing RowBlock<Scalar>, at activations: Matrix<Scalar>
  ) {
    switch self {
    case .rectifiedLinear: gradient.maskGradient(ofReLU: activations)
    case .identity: break
    }
  }
}
