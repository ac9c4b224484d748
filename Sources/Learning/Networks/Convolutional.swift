public import ZerOLinearAlgebra

/// A two-dimensional convolution with square kernels, as PyTorch's `nn.Conv2d`.
///
/// With as many groups as inputs and outputs, more than one, the convolution is *depthwise*: output c reads only
/// input c, with k² taps of its own,
///
/// ```
/// y[c, p] = Σ W[c, t]·x[c, p + t]   over the taps t
/// ```
public struct Convolutional: StandaloneOperation {
  /// m, the number of output channels.
  public let outputs: Int

  /// k, the height and width of the kernel.
  public let kernel: Int

  /// The distance between the pixels at which the kernel is applied.
  public let stride: Int

  /// The number of zeros on each side of the image.
  public let padding: Int

  /// The number of groups; each group of outputs reads one group of inputs.
  public let groups: Int

  /// Whether there is a bias per output channel.
  public let hasBias: Bool

  /// Whether each output is a group of its own, which it remains if symmetry reduction leaves a single channel.
  private let hasGroupPerOutput: Bool

  /// Makes a convolution.
  ///
  /// - Parameters:
  ///   - outputs: m ≥ 1, a multiple of `groups`.
  ///   - kernel: k ≥ 1.
  ///   - stride: At least 1.
  ///   - padding: At least 0; `nil` for (k − 1)/2, which keeps the size of the image if k is odd and the stride is 1.
  ///   - groups: A divisor of the numbers of channels.
  ///   - hasBias: Whether there is a bias.
  public init(
    outputs: Int, kernel: Int, stride: Int = 1, padding: Int? = nil, groups: Int = 1,
    hasBias: Bool = false
  ) {
    (self.outputs, self.kernel, self.stride) = (outputs, kernel, stride)
    self.padding = padding ?? (kernel - 1) / 2
    (self.groups, self.hasBias) = (groups, hasBias)
    hasGroupPerOutput = groups > 1 && groups == outputs
  }

  /// Makes a convolution with one group per output.
  private init(depthwise outputs: Int, like other: Convolutional) {
    (self.outputs, groups, hasGroupPerOutput) = (outputs, outputs, true)
    (kernel, stride, padding) = (other.kernel, other.stride, other.padding)
    hasBias = other.hasBias
  }

  private func shape(_ input: ValueShape) -> ConvolutionShape {
    ConvolutionShape(
      inputs: input.units, outputs: outputs, kernel: kernel, stride: stride, padding: padding,
      groups: groups, height: input.height, width: input.width)
  }

  /// m channels; the image is smaller by the stride.
  public func output(of inputs: [ValueShape]) -> ValueShape {
    let shape = shape(inputs[0])
    return ValueShape(units: outputs, height: shape.outputHeight, width: shape.outputWidth)
  }

  /// `weight`, m × n/groups × k × k, and `bias` if there is one.
  public func parameters(of inputs: [ValueShape]) -> [OperationParameter] {
    let shape = [outputs, inputs[0].units / groups, kernel, kernel]
    return [OperationParameter(name: "weight", shape: shape, role: .weight)]
      + (hasBias ? [OperationParameter(name: "bias", shape: [outputs], role: .bias)] : [])
  }

  /// The outputs are new units, except those of a depthwise convolution.
  public func keepsUnits(of inputs: [ValueShape]) -> Bool {
    hasGroupPerOutput && inputs[0].units == groups
  }

  /// The same convolution with another number of outputs; if each is a group of its own, with as many groups.
  public func resized(to outputs: Int) -> Convolutional {
    hasGroupPerOutput
      ? Convolutional(depthwise: outputs, like: self)
      : Convolutional(
        outputs: outputs, kernel: kernel, stride: stride, padding: padding, groups: groups,
        hasBias: hasBias)
  }

  /// 2·m·n·k²/groups per pixel of the output.
  public func operationsPerProduct(of inputs: [ValueShape]) -> Double {
    shape(inputs[0]).operationsPerProduct
  }

  /// The kernel, in which each channel of the values that it multiplies counts as often as the identical channels that it stands for.
  ///
  /// A depthwise convolution has no sum over channels, so its kernel stays as it is.
  private func kernel<Scalar>(_ pass: OperationPass<Scalar>, isBackward: Bool)
    -> ConvolutionKernel<Scalar>
  {
    var weight = pass.parameters[0]
    let counts = isBackward ? pass.multiplicities : pass.inputMultiplicities
    if let counts, !keepsUnits(of: pass.shapes) {
      weight.writeRows(pass.team) { block in
        if isBackward {
          block.multiplyEachRow(by: counts)
        } else {
          block.multiplyColumns(by: counts)
        }
      }
    }
    return ConvolutionKernel(weight, shape(pass.shapes[0]), isBackward: isBackward, pass.team)
  }

  /// Computes the convolution and adds the bias.
  public func forward<Scalar>(
    _ pass: OperationPass<Scalar>, into output: inout Matrix<Scalar>,
    finish: @Sendable (borrowing RowBlock<Scalar>) -> Void
  ) -> ForwardRemainder<Scalar> {
    let bias = hasBias ? pass.parameters[1].elements : nil
    Convolution(shape(pass.shapes[0]), library: pass.library).multiply(
      kernel(pass, isBackward: false), by: pass.inputs[0], into: &output, pass.team
    ) { block in
      if let bias { block.addToEachColumn(bias) }
      finish(block)
    }
    return ForwardRemainder()
  }

  /// Computes the convolution of ∂L/∂y by the mirrored kernel.
  public func backward<Scalar>(
    _ pass: OperationPass<Scalar>, gradient: Matrix<Scalar>,
    parameterGradients: [ContiguousArray<Scalar>], input: Int,
    into target: inout Matrix<Scalar>, adding: Bool,
    finish: @Sendable (borrowing RowBlock<Scalar>) -> Void
  ) {
    Convolution(shape(pass.shapes[0]), library: pass.library).multiplyTransposed(
      kernel(pass, isBackward: true), by: gradient, into: &target, adding: adding, pass.team,
      finish: finish)
  }

  /// The gradients of kernel and bias.
  public func parameterGradients<Scalar>(_ pass: OperationPass<Scalar>, gradient: Matrix<Scalar>)
    -> [ContiguousArray<Scalar>]
  {
    let kernel = Convolution(shape(pass.shapes[0]), library: pass.library).outerProduct(
      gradient, pass.inputs[0], pass.team)
    return [kernel.elements]
      + (hasBias ? [gradient.channelSums(channels: outputs, pass.team)] : [])
  }
}
