// The network of a training run, in the layout of the library that computes its products.

package import ZerOLinearAlgebra
package import ZerONetworks
package import ZerOParallelism
import ZerORequirements

/// A network that batches of some sizes update.
///
/// With libxsmm, the weights are in tiles during updates and in rows while they are read; only one of the two is in memory.
package struct NetworkInTraining<Scalar: MatrixScalar> {
  /// The network in rows, unless it is in tiles.
  private var rows: Network<Scalar>?

  /// The network in tiles, if libxsmm computes the products and nobody has read the network since the latest update.
  private var tiles: TiledNetwork<Scalar>?

  /// The numbers of samples of all batches, if libxsmm computes the products.
  private let batchSizes: Set<Int>?

  /// Converts a network if libxsmm computes the products.
  ///
  /// - Parameters:
  ///   - network: The network.
  ///   - batchSizes: The numbers of samples of all batches.
  ///   - products: The library that computes the products, if it can for all batch sizes.
  ///   - team: The threads that share the conversion.
  package init(
    _ network: Network<Scalar>, batchSizes: Set<Int>, products: ProductLibrary, team: ThreadTeam
  ) {
    tiles =
      products == .libxsmm
      ? TiledNetwork(network, batchSizes: batchSizes, team: team) : nil
    rows = tiles == nil ? network : nil
    self.batchSizes = tiles == nil ? nil : batchSizes
  }

  /// The library that computes the products.
  var library: ProductLibrary { batchSizes == nil ? .openBLAS : .libxsmm }

  /// The network in rows, into which it is converted once after each update.
  mutating func network(team: ThreadTeam) -> Network<Scalar> {
    if let rows { return rows }
    guard let tiles else { requirementFailure("a network neither in rows nor in tiles") }
    let network = tiles.network(team: team)
    self.tiles = nil
    rows = network
    return network
  }

  /// Converts the network into tiles, if libxsmm computes the products and it is in rows.
  private mutating func prepareTiles(team: ThreadTeam) {
    guard let batchSizes, let network = rows else { return }
    tiles = TiledNetwork(network, batchSizes: batchSizes, team: team)
    rows = tiles == nil ? network : nil
  }

  /// Computes the activations of a batch; see `Network.forward(_:)`.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package mutating func forward(_ workspace: inout Workspace<Scalar>) {
    prepareTiles(team: workspace.team)
    tiles?.forward(&workspace)
    rows?.forward(&workspace)
  }

  /// Makes one update after `forward`; see `SGD.step(_:_:)`.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package mutating func step(_ optimizer: SGD, _ workspace: inout Workspace<Scalar>) {
    tiles?.descend(rate: Scalar(optimizer.learningRate), &workspace)
    rows?.step(optimizer, &workspace)
  }
}

extension Network {
  /// Makes one update in place, also where the network is optional.
  fileprivate mutating func step(_ optimizer: SGD, _ workspace: inout Workspace<Scalar>) {
    optimizer.step(&self, &workspace)
  }
}
