// The network that is left when copies are one unit each. Training it is training the whole network.

public import LinearAlgebra
public import Networks
public import Parallelism

/// A network folded along an equitable partition: one unit for each class.
///
/// Let P and Q be the membership matrices of a layer's outputs and inputs, m × K and n × L, with their columns
/// scaled to length 1: P̄ = P·D^(-½), Q̄ = Q·E^(-½), D and E the diagonal matrices of the classes' sizes. The
/// quotient of the layer is
///
/// ```
/// W̃ = P̄ᵀ·W·Q̄,   b̃ = P̄ᵀ·b,   activations h̃ = Q̄ᵀ·h,   gradients δ̃ = P̄ᵀ·δ
/// ```
///
/// Since the partition is equitable, W·Q̄ = P̄·W̃ and Wᵀ·P̄ = Q̄·W̃ᵀ, and h = Q̄·h̃, δ = P̄·δ̃. The rectified
/// linear unit commutes with positive factors. So
///
/// ```
/// z̃ = W̃·h̃ + b̃,   δ̃ below = (W̃ᵀ·δ̃) ⊙ f′,   P̄ᵀ·(δ·hᵀ)·Q̄ = δ̃·h̃ᵀ
/// ```
///
/// the quotient is a dense network like any other, and a step of gradient descent on it is the quotient of a step on
/// the whole network, at the same learning rate. Inputs and logits are classes of their own, so batches and
/// losses are the same. From the trained quotient the whole network comes back as
///
/// ```
/// W = W₀ + P̄·(W̃ − W̃₀)·Q̄ᵀ,   b = b₀ + P̄·(b̃ − b̃₀)
/// ```
///
/// and since P̄ and Q̄ have orthonormal columns, W − W₀ has the singular values of W̃ − W̃₀, and zeros.
///
/// Dead units have no part in it: their activations and gradients are always 0. A network with neither copies nor dead
/// units is its own quotient, bit for bit.
///
/// References: C. Godsil and G. Royle, "Algebraic Graph Theory" (2001), section 9.3 (quotients by equitable
/// partitions, and their symmetric form).
public struct NetworkQuotient<Scalar: MatrixScalar>: Sendable {
  /// The layers, first one first.
  public let layers: [LayerQuotient<Scalar>]

  /// Finds the classes, and folds.
  ///
  /// - Parameters:
  ///   - start: The network before training. All inputs count as live: a test image may use pixels that no training
  ///     image does.
  ///   - team: Shares the work; it makes no difference to the result.
  /// - Complexity: That of `EquitablePartition`, and O(weights).
  public init(of start: InitialNetwork<Scalar>, team: ThreadTeam = .alone) {
    self.init(of: start, by: EquitablePartition(of: start, team: team))
  }

  /// Folds along a partition.
  ///
  /// - Parameters:
  ///   - start: The network before training.
  ///   - partition: An equitable one of that network; of any other the quotient means nothing.
  init(of start: InitialNetwork<Scalar>, by partition: EquitablePartition) {
    layers = start.layers.enumerated().map { index, layer in
      LayerQuotient(
        folding: layer, below: partition.levels[index], above: partition.levels[index + 1])
    }
  }

  /// Takes a network as it is, copies and all.
  ///
  /// - Parameters:
  ///   - network: The network before training.
  ///   - partition: An equitable one, for whoever asks how far copies part.
  public init(unfolded network: InitialNetwork<Scalar>, copies partition: EquitablePartition? = nil)
  {
    layers = network.layers.enumerated().map { index, layer in
      LayerQuotient(
        unfolded: layer,
        classes: partition.map { ($0.levels[index], $0.levels[index + 1]) })
    }
  }

  /// The quotient before training: what is trained.
  public var network: Network<Scalar> { Network(layers: layers.map(\.folded.dense)) }

  /// The whole network that a trained quotient stands for.
  ///
  /// - Parameter network: The quotient, now.
  /// - Returns: All units, copies and dead ones included.
  public func expanded(_ network: Network<Scalar>) -> Network<Scalar> {
    precondition(
      network.layers.count == layers.count, "\(network.layers.count) of \(layers.count) layers")
    return Network(
      layers: zip(layers, network.layers).map { quotient, layer in
        DenseLayer(
          weight: quotient.expandedWeight(layer.weight), bias: quotient.expandedBias(layer.bias),
          activation: layer.activation)
      })
  }
}
