public import ZerOLinearAlgebra

/// The units of all pixels as units of a vector, in PyTorch's order: channel, row, column.
public struct Flattening: StandaloneOperation {
  /// Makes the operation; it has no parameters.
  public init() {}

  /// One unit per channel and pixel.
  public func output(of inputs: [ValueShape]) -> ValueShape {
    ValueShape(units: inputs[0].features)
  }

  /// A unit at different pixels becomes different units.
  public func keepsUnits(of inputs: [ValueShape]) -> Bool { false }

  /// Copies each row to its new place.
  public func forward<Scalar>(
    _ pass: OperationPass<Scalar>, into output: inout Matrix<Scalar>,
    finish: @Sendable (borrowing RowBlock<Scalar>) -> Void
  ) -> ForwardRemainder<Scalar> {
    let (shape, images) = (pass.shapes[0], pass.inputs[0])
    output.writeRows(pass.team) { block in
      block.copyRows(of: images, adding: false) { row in
        row % shape.pixels * shape.units + row / shape.pixels
      }
      finish(block)
    }
    return ForwardRemainder()
  }

  /// Copies each row back.
  public func backward<Scalar>(
    _ pass: OperationPass<Scalar>, gradient: Matrix<Scalar>,
    parameterGradients: [ContiguousArray<Scalar>], input: Int,
    into target: inout Matrix<Scalar>, adding: Bool,
    finish: @Sendable (borrowing RowBlock<Scalar>) -> Void
  ) {
    let shape = pass.shapes[0]
    target.writeRows(pass.team) { block in
      block.copyRows(of: gradient, adding: adding) { row in
        row % shape.units * shape.pixels + row / shape.units
      }
      finish(block)
    }
  }
}
