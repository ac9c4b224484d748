// The shapes of weights: of dense layers and of convolutions.

import ZerORequirements

/// The shape of a dense layer's weight, out × in, as in PyTorch.
public struct WeightShape: Hashable, Sendable, CustomStringConvertible {
  /// m, the number of outputs: the rows of the weight.
  public let outputs: Int

  /// n, the number of inputs: the columns of the weight.
  public let inputs: Int

  /// Makes a shape.
  ///
  /// - Parameters:
  ///   - outputs: m ≥ 1.
  ///   - inputs: n ≥ 1.
  public init(outputs: Int, inputs: Int) {
    require(outputs > 0 && inputs > 0, "a weight of \(outputs) × \(inputs)")
    self.outputs = outputs
    self.inputs = inputs
  }

  /// Parses a shape such as `1024x784`.
  ///
  /// - Returns: `nil` for any other text, and for more than 2³⁰ elements.
  public init?(_ text: String) {
    guard let all = parsedDimensions(text), all.count == 2 else { return nil }
    self.init(outputs: all[0], inputs: all[1])
  }

  /// Whether the numbers of outputs and inputs are equal.
  var isSquare: Bool { outputs == inputs }

  /// The shape in the form in which it is parsed, for example `1024x784`.
  public var description: String { "\(outputs)x\(inputs)" }
}

/// The shape of a convolution kernel, out × in × k…, as in PyTorch.
public struct KernelShape: Hashable, Sendable, CustomStringConvertible {
  /// m, the number of output channels.
  public let outputs: Int

  /// n, the number of input channels.
  public let inputs: Int

  /// k along each of the 1 to 3 axes, slowest first.
  public let kernelSize: [Int]

  /// Makes a shape.
  ///
  /// - Parameters:
  ///   - outputs: m ≥ 1.
  ///   - inputs: n ≥ 1.
  ///   - kernelSize: One to three sizes, each ≥ 1.
  public init(outputs: Int, inputs: Int, kernelSize: [Int]) {
    require(
      outputs > 0 && inputs > 0 && (1...3).contains(kernelSize.count)
        && kernelSize.allSatisfy { $0 > 0 },
      "a kernel of \(outputs) × \(inputs) × \(kernelSize)")
    self.outputs = outputs
    self.inputs = inputs
    self.kernelSize = kernelSize
  }

  /// Parses a shape such as `64x32x3x3`.
  ///
  /// - Returns: `nil` for any other text, and for more than 2³⁰ elements.
  public init?(_ text: String) {
    guard let all = parsedDimensions(text), (3...5).contains(all.count) else { return nil }
    self.init(outputs: all[0], inputs: all[1], kernelSize: Array(all[2...]))
  }

  /// All dimensions, slowest first.
  public var dimensions: [Int] { [outputs, inputs] + kernelSize }

  /// The number of taps per pair of channels.
  public var taps: Int { kernelSize.reduce(1, *) }

  /// The row-major index of the center tap, ⌊k/2⌋ along each axis.
  public var centerTap: Int { kernelSize.reduce(0) { $0 * $1 + $1 / 2 } }

  /// The shape of the weight at one tap, m × n.
  public var tap: WeightShape { WeightShape(outputs: outputs, inputs: inputs) }

  /// The shape of the kernel with the inputs of all taps in one row, m × n·k….
  public var flattened: WeightShape { WeightShape(outputs: outputs, inputs: inputs * taps) }

  /// The shape in the form in which it is parsed, for example `64x32x3x3`.
  public var description: String { dimensions.map(String.init).joined(separator: "x") }
}

/// Parses dimensions separated by `x`.
///
/// - Returns: `nil` if one is not a positive integer, and for more than 2³⁰ elements.
func parsedDimensions(_ text: String) -> [Int]? {
  var dimensions: [Int] = []
  var count = 1
  for word in text.split(separator: "x", omittingEmptySubsequences: false) {
    guard let dimension = Int(word), dimension > 0 else { return nil }
    let (product, overflow) = count.multipliedReportingOverflow(by: dimension)
    guard !overflow, product <= 1 << 30 else { return nil }
    dimensions.append(dimension)
    count = product
  }
  return dimensions
}
