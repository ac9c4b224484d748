// The update.

import LinearAlgebra
public import Networks

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

  /// Takes one step.
  ///
  /// The gradient of a weight is never formed: ∂L/∂W = δ·xᵀ is added to W by one product.
  ///
  /// - Parameters:
  ///   - network: The weights, updated.
  ///   - workspace: x and δ of every layer, after `Network.backward`.
  /// - Complexity: 2·m·n·s floating-point operations a layer.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func step<Scalar>(
    _ network: inout Network<Scalar>, _ workspace: borrowing Workspace<Scalar>
  ) {
    let rate = Scalar(learningRate)
    for index in network.layers.indices {
      let gradient = workspace.gradients[index]
      let inputs = workspace.activations[index]
      network.layers[index].weight.writeRows(workspace.crew) { block in
        block.multiply(gradient, by: inputs, transposingRight: true, alpha: -rate, beta: 1)
      }
      guard network.layers[index].bias != nil else { continue }
      for (unit, sum) in gradient.rowSums().enumerated() {
        network.layers[index].bias?[unit] -= rate * sum
      }
    }
  }
}
