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

  /// The height and width of a window; `nil` for the whole image.
  public let size: Int?

  /// The distance between windows; `nil` for windows side by side.
  public let stride: Int?

  /// The width of the margins, of which windows contain no pixels.
  public let padding: Int

  /// Makes an operation, as PyTorch's `nn.MaxPool2d` and, without margins, `nn.AvgPool2d`.
  ///
  /// - Parameters:
  ///   - kind: What is computed.
  ///   - size: The height and width of a window, at most those of the image; pixels that fill no window are left out. `nil` for the whole image.
  ///   - stride: The distance between windows; `nil` for windows side by side.
  ///   - padding: The width of margins on all sides, less than a window.
  public init(_ kind: Kind, size: Int? = nil, stride: Int? = nil, padding: Int = 0) {
    (self.kind, self.size, self.stride, self.padding) = (kind, size, stride, padding)
  }

  /// The same channels, and one pixel per window.
  public func output(of inputs: [ValueShape]) -> ValueShape {
    let windows = windows(inputs[0])
    return ValueShape(units: inputs[0].units, height: windows.rows, width: windows.columns)
  }

  private func windows(_ shape: ValueShape) -> PixelWindows {
    PixelWindows(
      units: shape.units, height: shape.height, width: shape.width,
      windowHeight: size ?? shape.height, windowWidth: size ?? shape.width, stride: stride,
      padding: padding)
  }

  /// Computes the values of all windows.
  public func forward<Scalar>(
    _ pass: OperationPass<Scalar>, into output: inout Matrix<Scalar>,
    finish: @Sendable (borrowing RowBlock<Scalar>) -> Void
  ) -> ForwardRemainder<Scalar> {
    windows(pass.shapes[0]).pool(
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
    windows(pass.shapes[0]).pullBack(
      pass.inputs[0], gradient: gradient, largest: kind == .largest, into: &target, adding: adding,
      pass.team, finish: finish)
  }
}
