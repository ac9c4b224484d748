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

  /// Makes an optimizer.
  ///
  /// - Parameter learningRate: lr, finite; 0 leaves every weight as it is.
  public init(learningRate: Double) { self.learningRate = learningRate }

  /// Takes one step, backward pass included.
  ///
  /// With z = W·x + b, a = f(z) and δ = ∂L/∂z for each layer, from the last to the first,
  ///
  /// ```
  /// δ of the layer before ← (Wᵀ·δ) ⊙ f′(z),   W ← W − lr·δ·xᵀ,   b ← b − lr·Σδ
  /// ```
  ///
  /// Some rows of W at a time are first multiplied into their part of Wᵀ·δ and then updated, so a thread
  /// works on weights that it has in its cache. No gradient of a weight is formed: ∂L/∂W = δ·xᵀ
  /// is added to W by one product, and its factors stay in the workspace.
  ///
  /// - Parameters:
  ///   - network: The weights, updated.
  ///   - workspace: After `Network.forward` and `computeLoss`; every δ on return.
  /// - Complexity: 4·m·n·s floating-point operations a layer, half of it for the first.
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
