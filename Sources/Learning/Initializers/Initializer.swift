// What an initializer is: a value that makes one weight. Everything that depends on which
// initializers exist reads InitializerCatalog, so a new one is a file like its neighbors and a line
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
    guard let all = typedExtents(text), all.count == 2 else { return nil }
    self.init(outputs: all[0], inputs: all[1])
  }

  /// Whether there are as many outputs as inputs.
  var isSquare: Bool { outputs == inputs }

  /// For example `1024x784`, as it is typed.
  public var description: String { "\(outputs)x\(inputs)" }
}

/// A rule that gives a layer its first weights: a dense layer a matrix, a convolution a kernel.
///
/// An initializer is a small value without hidden state. Two calls with the same shape and equal
/// streams give equal weights, bit for bit.
public protocol Initializer: Sendable {
  /// The bytes that the work on a weight and on its file takes at most, per element.
  var bytesPerElement: Int { get }

  /// Says, without the work of making it, whether the rule has a value for a shape.
  ///
  /// - Parameter shape: m × n, out × in.
  /// - Throws: `InitializationError` when it has none.
  func check(_ shape: WeightShape) throws(InitializationError)

  /// Whether the weight of a shape is the identity, so that nobody need make it.
  ///
  /// - Parameter shape: m × n, out × in.
  /// - Returns: `false` where it isn't, or isn't known to be.
  func isIdentity(_ shape: WeightShape) -> Bool

  /// Makes the weights of one layer.
  ///
  /// - Parameters:
  ///   - shape: m × n, out × in.
  ///   - streams: Where random draws come from; deterministic initializers leave it untouched.
  /// - Returns: The weight, m rows and n columns.
  /// - Throws: `InitializationError` when the rule has no value for the shape.
  func weight(_ shape: WeightShape, using streams: inout RandomStreams)
    throws(InitializationError) -> Matrix<Float>

  /// Makes the weights of one convolution.
  ///
  /// - Parameters:
  ///   - shape: out × in × k….
  ///   - streams: Where random draws come from; deterministic initializers leave it untouched.
  /// - Returns: The elements, row-major: out · in · k… of them.
  /// - Throws: `InitializationError` when the rule has no value for the shape.
  func kernel(_ shape: KernelShape, using streams: inout RandomStreams)
    throws(InitializationError) -> ContiguousArray<Float>
}

extension Initializer {
  /// The weight, or two matrices on the way to it, and its file in memory.
  public var bytesPerElement: Int { 16 }

  /// Most rules have a value for every shape: it never throws.
  public func check(_ shape: WeightShape) throws(InitializationError) {}

  /// Few rules give identities.
  public func isIdentity(_ shape: WeightShape) -> Bool { false }
}
