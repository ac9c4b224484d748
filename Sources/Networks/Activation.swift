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
  /// - Parameter values: Any shape.
  public func apply<Scalar>(to values: inout Matrix<Scalar>) {
    switch self {
    case .rectifiedLinear: values.rectify()
    case .identity: break
    }
  }

  /// Replaces ∂L/∂a by ∂L/∂z = ∂L/∂a · f′(z).
  ///
  /// - Parameters:
  ///   - gradient: ∂L/∂a on entry, ∂L/∂z on return.
  ///   - activations: a = f(z), of the same shape; f′ can be told from a.
  public func pullBack<Scalar>(_ gradient: inout Matrix<Scalar>, at activations: Matrix<Scalar>) {
    switch self {
    case .rectifiedLinear: gradient.clearWhereInactive(activations)
    case .identity: break
    }
  }
}
