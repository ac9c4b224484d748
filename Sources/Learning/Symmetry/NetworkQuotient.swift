// The symmetry-reduced network; training it is equivalent to training the whole network.

public import ZerOLinearAlgebra
public import ZerONetworks
public import ZerOParallelism
import ZerORequirements

/// The quotient of a network by an equitable partition: one unit per class.
///
/// Let P (m × K) and Q (n × L) be the membership matrices of a layer's outputs and inputs, and D
/// and E the diagonal matrices of the class sizes. Scaling the columns to unit norm gives
/// P̄ = P·D^(-½) and Q̄ = Q·E^(-½). The quotient of the layer is
///
/// ```
/// W̃ = P̄ᵀ·W·Q̄,   b̃ = P̄ᵀ·b,   activations h̃ = Q̄ᵀ·h,   gradients δ̃ = P̄ᵀ·δ
/// ```
///
/// The partition is equitable, so W·Q̄ = P̄·W̃, Wᵀ·P̄ = Q̄·W̃ᵀ, h = Q̄·h̃ and δ = P̄·δ̃. ReLU
/// commutes with positive factors. Therefore
///
/// ```
/// z̃ = W̃·h̃ + b̃,   δ̃ below = (W̃ᵀ·δ̃) ⊙ f′,   P̄ᵀ·(δ·hᵀ)·Q̄ = δ̃·h̃ᵀ
/// ```
///
/// The quotient is thus an ordinary dense network. One update by gradient descent on it is the
/// quotient of one update on the whole network at the same learning rate. Each input and each logit
/// is a class of its own, so batches and losses are the same. The trained quotient expands to the
/// whole network:
///
/// ```
/// W = W₀ + P̄·(W̃ − W̃₀)·Q̄ᵀ,   b = b₀ + P̄·(b̃ − b̃₀)
/// ```
///
/// P̄ and Q̄ have orthonormal columns, so W − W₀ has the singular values of W̃ − W̃₀, padded with
/// zeros.
///
/// The quotient omits dead units, whose activations and gradients are always 0. A network with
/// neither identical nor dead units is its own quotient, bit for bit.
///
/// References: C. Godsil and G. Royle, "Algebraic Graph Theory" (2001), section 9.3 (quotients by
/// equitable partitions, and their symmetric form).
public struct NetworkQuotient<Scalar: MatrixScalar>: Sendable {
  /// The layers, first layer first.
  public let layers: [LayerQuotient<Scalar>]

  /// Finds the classes of a network and reduces it.
  ///
  /// - Parameters:
  ///   - start: The network before training. All inputs count as live, because a test image may use
  ///     pixels that no training image uses.
  ///   - team: The threads that share the work; the result does not depend on them.
  /// - Complexity: The cost of `EquitablePartition`, plus O(weights).
  public init(of start: InitialNetwork<Scalar>, team: ThreadTeam = .alone) {
    self.init(of: start, by: EquitablePartition(of: start, team: team))
  }

  /// Reduces a network by a given partition.
  ///
  /// - Parameters:
  ///   - start: The network before training.
  ///   - partition: An equitable partition of that network. For any other partition the quotient is
  ///     meaningless.
  init(of start: InitialNetwork<Scalar>, by partition: EquitablePartition) {
    layers = start.layers.enumerated().map { index, layer in
      LayerQuotient(
        reducing: layer, below: partition.levels[index], above: partition.levels[index + 1])
    }
  }

  /// Keeps every unit of a network.
  ///
  /// - Parameters:
  ///   - network: The network before training.
  ///   - partition: An equitable partition, for measuring how far identical units diverge.
  public init(
    unreduced network: InitialNetwork<Scalar>, classes partition: EquitablePartition? = nil
  ) {
    layers = network.layers.enumerated().map { index, layer in
      LayerQuotient(
        unreduced: layer,
        classes: partition.map { ($0.levels[index], $0.levels[index + 1]) })
    }
  }

  /// The reduced network before training.
  public var network: Network<Scalar> { Network(layers: layers.map(\.reduced.dense)) }

  /// Expands a reduced network to all units, including dead ones.
  ///
  /// - Parameter network: The reduced network, during or after training.
  /// - Returns: The whole network.
  public func expanded(_ network: Network<Scalar>) -> Network<Scalar> {
    require(
      network.layers.count == layers.count, "\(network.layers.count) of \(layers.count) layers")
    return Network(
      layers: zip(layers, network.layers).map { quotient, layer in
        DenseLayer(
          weight: quotient.expandedWeight(layer.weight), bias: quotient.expandedBias(layer.bias),
          activation: layer.activation)
      })
  }
}
