public import ZerOInitializers
public import ZerOLinearAlgebra
public import ZerORandomness
import ZerORequirements

/// A stack of dense layers: ReLU between layers, logits at the end.
///
/// The type is generic over precision: training uses `Float`; the tests compare the same code in
/// `Double` with finite differences.
public struct Network<Scalar: MatrixScalar>: Equatable, Sendable {
  /// The layers, first layer first.
  public var layers: [DenseLayer<Scalar>]

  /// Makes a network from given layers.
  ///
  /// - Parameter layers: At least one. The number of inputs of each layer must equal the number of
  ///   outputs of the layer before.
  public init(layers: [DenseLayer<Scalar>]) {
    require(!layers.isEmpty, "a network without layers")
    for (before, after) in zip(layers, layers.dropFirst()) {
      require(
        before.weight.rows == after.weight.columns,
        "\(before.weight.rows) outputs into \(after.weight.columns) inputs")
    }
    self.layers = layers
  }

  /// Makes a network with initial weights, like ``InitialNetwork``.
  ///
  /// - Parameters:
  ///   - architecture: The layer sizes.
  ///   - initializer: Computes the weight of every layer.
  ///   - bias: The initial value of every bias; `nil` for layers without biases.
  ///   - streams: The sources of random numbers.
  /// - Throws: `InitializationError` if the initializer is undefined for the shape of a layer.
  public init(
    _ architecture: Architecture, initializer: any Initializer, bias: Scalar?,
    using streams: inout RandomStreams
  ) throws(InitializationError) {
    self = try InitialNetwork(
      architecture, initializer: initializer, bias: bias, using: &streams
    ).network
  }

  /// Computes the activations of a batch.
  ///
  /// - Parameter workspace: Contains the batch on entry, and the activations of every layer on
  ///   return.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func forward(_ workspace: inout Workspace<Scalar>) {
    for (index, layer) in layers.enumerated() {
      layer.forward(
        workspace.activations[index], into: &workspace.activations[index + 1], workspace.team)
    }
  }
}
