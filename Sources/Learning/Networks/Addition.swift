public import ZerOLinearAlgebra

/// The sum of two values of the same units, y = a + b: the end of a residual block.
public struct Addition: StandaloneOperation {
  /// Makes the operation; it has no parameters.
  public init() {}

  /// Computes a + b.
  public func forward<Scalar>(
    _ pass: OperationPass<Scalar>, into output: inout Matrix<Scalar>,
    finish: @Sendable (borrowing RowBlock<Scalar>) -> Void
  ) -> ForwardRemainder<Scalar> {
    let inputs = pass.inputs
    output.writeRows(pass.team) { block in
      block.copy(inputs[0])
      block.add(inputs[1])
      finish(block)
    }
    return ForwardRemainder()
  }

  /// Passes the gradient of the sum on to a summand.
  public func backward<Scalar>(
    _ pass: OperationPass<Scalar>, gradient: Matrix<Scalar>,
    parameterGradients: [ContiguousArray<Scalar>], input: Int,
    into target: inout Matrix<Scalar>, adding: Bool,
    finish: @Sendable (borrowing RowBlock<Scalar>) -> Void
  ) {
    target.writeRows(pass.team) { block in
      if adding { block.add(gradient) } else { block.copy(gradient) }
      finish(block)
    }
  }
}
