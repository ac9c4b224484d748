// A network in training, with its weights in tiles.

public import ZerOLinearAlgebra
public import ZerOParallelism
import ZerORequirements

/// A stack of dense layers whose weights are in tiles, for the batches of a training run.
///
/// It computes what ``Network`` computes, with other roundings.
public struct TiledNetwork<Scalar: MatrixScalar>: Sendable {
  /// A layer with the code of its products, by batch size.
  private struct Layer: Sendable {
    var weight: TiledMatrix<Scalar>
    var bias: ContiguousArray<Scalar>?
    let activation: Activation
    let products: [Int: TiledProducts<Scalar>]

    /// α·δᵀ of the latest update.
    var scratch: Matrix<Scalar>

    /// α·Σδ of the latest update.
    var sums: ContiguousArray<Scalar>

    /// The code for a batch.
    func products(for inputs: Matrix<Scalar>) -> TiledProducts<Scalar> {
      guard let known = products[inputs.columns] else {
        requirementFailure("a batch of \(inputs.columns) samples, which was not announced")
      }
      return known
    }

    /// W ← W + α·δ·xᵀ and b ← b + α·Σδ, and before that the summands of Wᵀ·δ.
    mutating func update(
      gradient: Matrix<Scalar>, inputs: Matrix<Scalar>, alpha: Scalar,
      parts: inout Matrix<Scalar>, _ team: ThreadTeam
    ) {
      if scratch.elements.count != gradient.elements.count { scratch = gradient }
      products(for: inputs).update(
        &weight, gradient: gradient, inputs: inputs, alpha: alpha, scratch: &scratch,
        sums: &sums, parts: &parts, team)
      guard bias != nil else { return }
      for (unit, sum) in sums.enumerated() { bias?[unit] += sum }
    }
  }

  private var layers: [Layer] = []

  /// Converts a network.
  ///
  /// - Parameters:
  ///   - network: The network.
  ///   - batchSizes: The numbers of samples of all batches.
  ///   - team: The threads that share the rows of each weight.
  ///
  /// The result is `nil` if there is no code for a batch size; see `TiledProducts`.
  public init?(_ network: Network<Scalar>, batchSizes: Set<Int>, team: ThreadTeam) {
    for layer in network.layers {
      var products: [Int: TiledProducts<Scalar>] = [:]
      for size in batchSizes {
        let (m, n) = (layer.weight.rows, layer.weight.columns)
        guard let made = TiledProducts<Scalar>(rows: m, columns: n, samples: size) else {
          return nil
        }
        products[size] = made
      }
      layers.append(
        Layer(
          weight: TiledMatrix(layer.weight, team: team), bias: layer.bias,
          activation: layer.activation, products: products,
          scratch: Matrix(repeating: 0, rows: 0, columns: 0),
          sums: ContiguousArray(repeating: 0, count: layer.weight.rows)))
    }
  }

  /// The network in rows.
  ///
  /// - Parameter team: The threads that share the rows of each weight.
  /// - Returns: A copy of every parameter.
  public func network(team: ThreadTeam) -> Network<Scalar> {
    Network(
      layers: layers.map {
        DenseLayer(
          weight: $0.weight.matrix(team: team), bias: $0.bias, activation: $0.activation)
      })
  }

  /// Computes the activations of a batch, as ``Network/forward(_:)`` does.
  ///
  /// - Parameter workspace: Contains a batch of one of the batch sizes on entry, and the activations of every layer on
  ///   return.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func forward(_ workspace: inout Workspace<Scalar>) {
    for (index, layer) in layers.enumerated() {
      let inputs = workspace.activations[index]
      layer.products(for: inputs).multiply(
        layer.weight, by: inputs, into: &workspace.activations[index + 1], workspace.team
      ) { block in
        if let bias = layer.bias { block.addToEachColumn(bias) }
        layer.activation.apply(to: block)
      }
    }
  }

  /// Makes one update of stochastic gradient descent, W ← W − lr·∂L/∂W and b ← b − lr·∂L/∂b.
  ///
  /// - Parameters:
  ///   - rate: lr.
  ///   - workspace: The workspace after `forward` and `computeLoss`; it contains every δ on return.
  /// - Complexity: 4·m·n·s floating-point operations per layer, half of that for the first layer.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public mutating func descend(rate: Scalar, _ workspace: inout Workspace<Scalar>) {
    let team = workspace.team
    for index in layers.indices.reversed() {
      let (gradient, inputs) = (workspace.gradients[index], workspace.activations[index])
      layers[index].update(
        gradient: gradient, inputs: inputs, alpha: -rate,
        parts: &workspace.inputGradientParts[index], team)
      guard index > 0 else { continue }
      let parts = workspace.inputGradientParts[index]
      let activation = layers[index - 1].activation
      workspace.gradients[index - 1].writeRows(team) { block in
        block.addUp(parts)
        activation.pullBack(block, at: inputs)
      }
    }
  }
}
