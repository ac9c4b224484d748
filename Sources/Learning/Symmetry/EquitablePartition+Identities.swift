// Square layers that are the identity add nothing to a partition, so they need not be made to find it.

public import LinearAlgebra
public import Networks
public import Parallelism

extension EquitablePartition {
  /// Finds the coarsest equitable partition of a network whose identities were never made.
  ///
  /// An identity between two hidden levels with one and the same bias has the classes of the level below it above
  /// it too: unit i sees its own counterpart and nothing else. So the partition is that of the network
  /// without such layers, with the level repeated.
  ///
  /// - Parameters:
  ///   - network: With its initial weights, finite ones.
  ///   - liveInputs: Which inputs are not 0 in every sample; `nil` where nothing is known of the data.
  ///   - team: Shares the work; it makes no difference to the result.
  /// - Complexity: O(weights) a round, those of such identities left out.
  public init<Scalar: MatrixScalar>(
    of network: InitialNetwork<Scalar>, liveInputs: [Bool]? = nil, team: ThreadTeam = .alone
  ) {
    var kept: [DenseLayer<Scalar>] = []
    // For each level the one of the shorter network that is like it.
    var origins = [0]
    for (index, layer) in network.layers.enumerated() {
      if network.repeatsLevel(index) {
        origins.append(kept.count)
      } else {
        kept.append(layer.dense)
        origins.append(kept.count)
      }
    }
    let short = EquitablePartition(of: Network(layers: kept), liveInputs: liveInputs, team: team)
    self.init(levels: origins.map { short.levels[$0] })
  }
}

extension InitialNetwork {
  /// Whether a layer's outputs are the outputs of the layer before, as far as symmetry goes.
  fileprivate func repeatsLevel(_ index: Int) -> Bool {
    guard index > 0, index < layers.count - 1, case .identity = layers[index].weight else {
      return false
    }
    return layers[index].activation == .rectifiedLinear
      && layers[index - 1].activation == .rectifiedLinear
      && layers[index].bias == layers[index - 1].bias
  }
}
