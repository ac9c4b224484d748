// One update of stochastic gradient descent.

import ZerOLinearAlgebra
public import ZerONetworks
import ZerOParallelism

/// Stochastic gradient descent without momentum: w ← w − lr·∂L/∂w.
///
/// Reference: H. Robbins and S. Monro, "A stochastic approximation method", Annals of Mathematical
/// Statistics 22 (1951).
public struct SGD: Equatable, Sendable {
  /// lr, the learning rate.
  public let learningRate: Double

  /// Makes an optimizer.
  ///
  /// - Parameter learningRate: lr, finite; with 0 no weight changes.
  public init(learningRate: Double) { self.learningRate = learningRate }

  /// Computes the gradients and makes one update.
  ///
  /// With z = W·x + b, a = f(z) and δ = ∂L/∂z for each layer, from the last to the first,
  ///
  /// ```
  /// δ of the layer before ← (Wᵀ·δ) ⊙ f′(z),   W ← W − lr·δ·xᵀ,   b ← b − lr·Σδ
  /// ```
  ///
  /// Each thread processes some rows of W: it multiplies them into their part of Wᵀ·δ and then updates them, while
  /// they are in its cache. The gradient ∂L/∂W = δ·xᵀ is not stored: one product adds it to W, and δ and x stay in
  /// the workspace.
  ///
  /// - Parameters:
  ///   - network: The network, which is updated.
  ///   - workspace: The workspace after `Network.forward` and `computeLoss`; it contains every δ on return.
  /// - Complexity: 4·m·n·s floating-point operations per layer, half of that for the first layer.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func step<Scalar>(
    _ network: inout Network<Scalar>, _ workspace: inout Workspace<Scalar>
  ) {
    let (rate, team) = (Scalar(learningRate), workspace.team)
    for index in network.layers.indices.reversed() {
      let (gradient, inputs) = (workspace.gradients[index], workspace.activations[index])
      @Sendable func update(_ rows: borrowing RowBlock<Scalar>) {
        rows.multiply(gradient, by: inputs, transposingRight: true, alpha: -rate, beta: 1)
      }
      if index == 0 {
        network.layers[index].weight.writeRows(team) { rows in update(rows) }
      } else {
        network.layers[index].weight.writeRows(with: &workspace.inputGradientParts[index], team) {
          rows, part in
          part.multiply(transposing: rows, by: gradient)
          update(rows)
        }
        let parts = workspace.inputGradientParts[index]
        let activation = network.layers[index - 1].activation
        workspace.gradients[index - 1].writeRows(team) { block in
          block.addUp(parts)
          activation.pullBack(block, at: inputs)
        }
      }
      guard network.layers[index].bias != nil else { continue }
      for (unit, sum) in gradient.rowSums().enumerated() {
        network.layers[index].bias?[unit] -= rate * sum
      }
    }
  }
}
