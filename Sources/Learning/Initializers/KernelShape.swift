// The shape of a convolution's weight.

/// The shape of a convolution's kernel, out × in × k…, as PyTorch stores it.
public struct KernelShape: Hashable, Sendable, CustomStringConvertible {
  /// m, the output channels.
  public let outputs: Int

  /// n, the input channels.
  public let inputs: Int

  /// k along each axis, slowest first: 1, 2 or 3 of them.
  public let extents: [Int]

  /// Makes a shape.
  ///
  /// - Parameters:
  ///   - outputs: m ≥ 1.
  ///   - inputs: n ≥ 1.
  ///   - extents: One, two or three, each ≥ 1.
  public init(outputs: Int, inputs: Int, extents: [Int]) {
    precondition(
      outputs > 0 && inputs > 0 && (1...3).contains(extents.count) && extents.allSatisfy { $0 > 0 },
      "a kernel of \(outputs) × \(inputs) × \(extents)")
    self.outputs = outputs
    self.inputs = inputs
    self.extents = extents
  }

  /// Reads a shape as it is typed, `64x32x3x3`.
  ///
  /// - Returns: `nil` for anything else, and for more than 2³⁰ elements.
  public init?(_ text: String) {
    guard let all = typedExtents(text), (3...5).contains(all.count) else { return nil }
    self.init(outputs: all[0], inputs: all[1], extents: Array(all[2...]))
  }

  /// All extents, slowest first.
  public var dimensions: [Int] { [outputs, inputs] + extents }

  /// The number of taps, the product of the extents.
  public var taps: Int { extents.reduce(1, *) }

  /// Which tap, counted row-major, is in the center: ⌊k/2⌋ along each axis.
  public var centralTap: Int { extents.reduce(0) { $0 * $1 + $1 / 2 } }

  /// The weight at one tap, m × n.
  public var tap: WeightShape { WeightShape(outputs: outputs, inputs: inputs) }

  /// The kernel with the inputs of all taps in one row, m × n·k….
  public var flattened: WeightShape { WeightShape(outputs: outputs, inputs: inputs * taps) }

  /// For example `64x32x3x3`, as it is typed.
  public var description: String { dimensions.map(String.init).joined(separator: "x") }
}

/// Reads extents as they are typed, numbers with an x between them.
///
/// - Returns: `nil` where one is no number above 0, and for more than 2³⁰ elements.
func typedExtents(_ text: String) -> [Int]? {
  var extents: [Int] = []
  var count = 1
  for word in text.split(separator: "x", omittingEmptySubsequences: false) {
    guard let extent = Int(word), extent > 0 else { return nil }
    let (product, overflow) = count.multipliedReportingOverflow(by: extent)
    guard !overflow, product <= 1 << 30 else { return nil }
    extents.append(extent)
    count = product
  }
  return extents
}
