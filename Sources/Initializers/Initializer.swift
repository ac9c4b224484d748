// What an initialiser is: a value that makes one matrix. Everything that depends on which
// initialisers exist reads InitializerCatalog, so a new one is a file like its neighbours and a line
// there.

public import LinearAlgebra
public import Randomness

/// The shape of a dense layer's weight, out × in, as PyTorch stores it.
public struct WeightShape: Hashable, Sendable, CustomStringConvertible {
  /// m, the layer's outputs: the rows of its weight.
  public let outputs: Int

  /// n, the layer's inputs: the columns of its weight.
  public let inputs: Int

  /// Makes a shape.
  ///
  /// - Parameters:
  ///   - outputs: m ≥ 1.
  ///   - inputs: n ≥ 1.
  public init(outputs: Int, inputs: Int) {
    precondition(outputs > 0 && inputs > 0, "a weight of \(outputs) × \(inputs)")
    self.outputs = outputs
    self.inputs = inputs
  }

  /// Reads a shape as it is typed, `1024x784`.
  ///
  /// - Returns: `nil` for anything else, and for more than 2³⁰ elements.
  public init?(_ text: String) {
    let extents = text.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
    guard extents.count == 2, let outputs = extents[0], let inputs = extents[1] else { return nil }
    let (count, overflow) = outputs.multipliedReportingOverflow(by: inputs)
    guard outputs > 0, inputs > 0, !overflow, count <= 1 << 30 else { return nil }
    self.init(outputs: outputs, inputs: inputs)
  }

  /// For example `1024x784`, as it is typed.
  public var description: String { "\(outputs)x\(inputs)" }
}

/// A rule that gives a dense layer its first weights.
///
/// An initialiser is a small value without hidden state. Two calls with the same shape and equal
/// streams give equal matrices, bit for bit.
public protocol Initializer: Sendable {
  /// Says, without the work of making it, whether the rule has a value for a shape.
  ///
  /// - Parameter shape: m × n, out × in.
  /// - Throws: `InitializationError` when it has none.
  func check(_ shape: WeightShape) throws(InitializationError)

  /// Makes the weights of one layer.
  ///
  /// - Parameters:
  ///   - shape: m × n, out × in.
  ///   - streams: Where random draws come from; deterministic initialisers leave it untouched.
  /// - Returns: The weight, m rows and n columns.
  /// - Throws: `InitializationError` when the rule has no value for the shape.
  func weight(_ shape: WeightShape, using streams: inout RandomStreams)
    throws(InitializationError) -> Matrix<Float>
}

extension Initializer {
  /// Most rules have a value for every shape: it never throws.
  public func check(_ shape: WeightShape) throws(InitializationError) {}
}
