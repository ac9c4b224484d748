// The network as data, how its first weights come about, and the pass through it.

public import Initializers
public import LinearAlgebra
public import Randomness

/// A stack of dense layers: rectified linear between them, logits at the end.
///
/// Generic over the precision: training runs in `Float`; the tests run the same code in `Double`
/// against finite differences.
public struct Network<Scalar: MatrixScalar>: Equatable, Sendable {
  /// The layers, first one first.
  public var layers: [DenseLayer<Scalar>]

  /// Makes a network from finished layers.
  ///
  /// - Parameter layers: At least one; each takes as many inputs as the one before has outputs.
  public init(layers: [DenseLayer<Scalar>]) {
    precondition(!layers.isEmpty, "a network without layers")
    for (before, after) in zip(layers, layers.dropFirst()) {
      precondition(
        before.weight.rows == after.weight.columns,
        "\(before.weight.rows) outputs into \(after.weight.columns) inputs")
    }
    self.layers = layers
  }

  /// Makes a network and draws its first weights, as ``InitialNetwork`` does.
  ///
  /// - Parameters:
  ///   - architecture: The layer sizes.
  ///   - initializer: Gives every layer its weight.
  ///   - bias: What every bias starts from, or `nil` for layers without bias.
  ///   - streams: Where random draws come from.
  /// - Throws: `InitializationError` when the initializer has no value for a layer's shape.
  public init(
    _ architecture: Architecture, initializer: any Initializer, bias: Scalar?,
    using streams: inout RandomStreams
  ) throws(InitializationError) {
    self = try InitialNetwork(
      architecture, initializer: initializer, bias: bias, using: &streams
    ).network
  }

  /// Runs a batch through the network.
  ///
  /// - Parameter workspace: Holds the batch on entry, every layer's activations on return.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func forward(_ workspace: inout Workspace<Scalar>) {
    for (index, layer) in layers.enumerated() {
      layer.forward(
        workspace.activations[index], into: &workspace.activations[index + 1], workspace.team)
    }
  }
}
