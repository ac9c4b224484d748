// The sizes of a convolution, and the places of its taps.

import ZerORequirements

/// The sizes of a two-dimensional convolution of square kernels with zeros around the image.
///
/// Images are matrices of features × samples, and a feature is (row, column, channel): the channels of one pixel are neighbors, so a
/// tap of the kernel at a pixel is a product of a small matrix with neighboring rows.
public struct ConvolutionShape: Hashable, Sendable {
  /// n, the number of channels of the input.
  public let inputs: Int

  /// m, the number of channels of the output.
  public let outputs: Int

  /// k, the height and width of the kernel.
  public let kernel: Int

  /// The distance between the pixels of the input at which neighboring pixels of the output are computed.
  public let stride: Int

  /// The number of zeros on each side of the image.
  public let padding: Int

  /// The number of groups into which inputs and outputs are divided; each group of outputs reads one group of inputs.
  public let groups: Int

  /// The height of the input.
  public let height: Int

  /// The width of the input.
  public let width: Int

  /// Makes a shape.
  ///
  /// - Parameters:
  ///   - inputs: n ≥ 1, a multiple of `groups`.
  ///   - outputs: m ≥ 1, a multiple of `groups`.
  ///   - kernel: k ≥ 1, at most the size of the image with its zeros.
  ///   - stride: At least 1.
  ///   - padding: At least 0.
  ///   - groups: At least 1.
  ///   - height: The height of the input, at least 1.
  ///   - width: The width of the input, at least 1.
  public init(
    inputs: Int, outputs: Int, kernel: Int, stride: Int = 1, padding: Int = 0, groups: Int = 1,
    height: Int, width: Int
  ) {
    require(
      min(inputs, outputs, kernel, stride, groups, height, width) > 0 && padding >= 0
        && inputs.isMultiple(of: groups) && outputs.isMultiple(of: groups)
        && kernel <= min(height, width) + 2 * padding,
      "a convolution of \(inputs) to \(outputs) channels in \(groups) groups, kernel \(kernel), stride \(stride), "
        + "padding \(padding), on \(height) × \(width)")
    (self.inputs, self.outputs, self.kernel, self.stride) = (inputs, outputs, kernel, stride)
    (self.padding, self.groups, self.height, self.width) = (padding, groups, height, width)
  }

  /// The height of the output.
  public var outputHeight: Int { (height + 2 * padding - kernel) / stride + 1 }

  /// The width of the output.
  public var outputWidth: Int { (width + 2 * padding - kernel) / stride + 1 }

  /// The number of inputs of a group.
  public var groupInputs: Int { inputs / groups }

  /// The number of outputs of a group.
  public var groupOutputs: Int { outputs / groups }

  /// k², the number of taps.
  public var taps: Int { kernel * kernel }

  /// The number of elements of the kernel.
  public var weightCount: Int { outputs * groupInputs * taps }

  /// The floating-point operations of one of its three products, per sample; taps on zeros count.
  public var operationsPerProduct: Double {
    2 * Double(weightCount) * Double(outputHeight * outputWidth)
  }
}
