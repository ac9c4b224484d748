// The update.

import LinearAlgebra
public import Networks
import Parallelism

/// Stochastic gradient descent without momentum: w ← w − lr·∂L/∂w.
///
/// Reference: H. Robbins and S. Monro, "A stochastic approximation method", Annals of Mathematical
/// Statistics 22 (1951).
public struct SGD: Equatable, Sendable {
  /// lr.
  public let learningRate: Double

  /// Makes an optimiser.
  ///
  /// - Parameter learningRate: lr, finite; 0 leaves every weight as it is.
  public init(learningRate: Double) { self.learningRate = learningRate }

  /// Takes one step, backward pass included.
  ///
  /// A layer is updated as soon as δ has been carried back through it, while its weight is in the cache.
  /// Its gradient is never formed: ∂L/∂W = δ·xᵀ is added to W by one product.
  ///
  /// - Parameters:
  ///   - network: The weights, updated.
  ///   - workspace: After `Network.forward`, with the last layer's δ set; every δ on return.
  /// - Complexity: 4·m·n·s floating-point operations a layer, half of it for the first.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func step<Scalar>(
    _ network: inout Network<Scalar>, _ workspace: inout Workspace<Scalar>
  ) {
    for index in network.layers.indices.reversed() {
      if index > 0 { network.pullBack(through: index, &workspace) }
      update(
        &network.layers[index], gradient: workspace.gradients[index],
        inputs: workspace.activations[index], workspace.crew)
    }
  }

  /// W ← W − lr·δ·xᵀ and b ← b − lr·Σδ.
  private func update<Scalar>(
    _ layer: inout DenseLayer<Scalar>, gradient: Matrix<Scalar>, inputs: Matrix<Scalar>,
    _ crew: Crew
  ) {
    let rate = Scalar(learningRate)
    layer.weight.writeRows(crew) { block in
      block.multiply(gradient, by: inputs, transposingRight: true, alpha: -rate, beta: 1)
    }
    guard layer.bias != nil else { return }
    for (unit, sum) in gradient.rowSums().enumerated() { layer.bias?[unit] -= rate * sum }
  }
}
