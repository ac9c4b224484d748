public import ZerOLinearAlgebra

/// The largest or the mean value of each channel over windows of pixels, or over the whole image.
public struct Pooling: StandaloneOperation {
  /// The value that a window has.
  public enum Kind: String, CaseIterable, Sendable {
    /// The largest value; its gradient belongs to the first largest pixel, as in PyTorch.
    case largest
    /// The mean.
    case mean
  }

  /// The value of each window.
  public let kind: Kind

  /// The height and width of a window, which is also the distance between windows; `nil` for the whole image.
  public let size: Int?

  /// Makes an operation.
  ///
  /// - Parameters:
  ///   - kind: What is computed.
  ///   - size: The height and width of a window, at most those of the image; pixels that fill no window are left out. `nil` for the whole image.
  public init(_ kind: Kind, size: Int? = nil) { (self.kind, self.size) = (kind, size) }

  /// The same channels, and one pixel per window.
  public func output(of inputs: [ValueShape]) -> ValueShape {
    let input = inputs[0]
    return ValueShape(
      units: input.units, height: size.map { input.height / $0 } ?? 1,
      width: size.map { input.width / $0 } ?? 1)
  }

  private func windows(_ pass: OperationPass<some MatrixScalar>) -> PixelWindows {
    let shape = pass.shapes[0]
    return PixelWindows(
      units: shape.units, height: shape.height, width: shape.width,
      windowHeight: size ?? shape.height, windowWidth: size ?? shape.width)
  }

  /// Computes the values of all windows.
  public func forward<Scalar>(
    _ pass: OperationPass<Scalar>, into output: inout Matrix<Scalar>,
    finish: @Sendable (borrowing RowBlock<Scalar>) -> Void
  ) -> ForwardRemainder<Scalar> {
    windows(pass).pool(
      pass.inputs[0], largest: kind == .largest, into: &output, pass.team, finish: finish)
    return ForwardRemainder()
  }

  /// Passes each gradient on to the largest pixel, or in equal parts to all.
  public func backward<Scalar>(
    _ pass: OperationPass<Scalar>, gradient: Matrix<Scalar>,
    parameterGradients: [ContiguousArray<Scalar>], input: Int,
    into target: inout Matrix<Scalar>, adding: Bool,
    finish: @Sendable (borrowing RowBlock<Scalar>) -> Void
  ) {
    windows(pass).pullBack(
      pass.inputs[0], gradient: gradient, largest: kind == .largest, into: &target, adding: adding,
      pass.team, finish: finish)
  }
}
