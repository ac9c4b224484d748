// The network of a training run, in the layout of the library that computes its products.

import ZerOLinearAlgebra
import ZerONetworks
import ZerOParallelism

/// A network that batches of some sizes update.
struct NetworkInTraining<Scalar: MatrixScalar> {
  /// The network in rows; with a tiled network only its value at the beginning.
  private var plain: Network<Scalar>

  /// The network in tiles, if libxsmm computes the products.
  private var tiled: TiledNetwork<Scalar>?

  init(
    _ network: Network<Scalar>, batchSizes: Set<Int>, products: ProductLibrary, team: ThreadTeam
  ) {
    plain = network
    tiled =
      products == .libxsmm
      ? TiledNetwork(network, batchSizes: batchSizes, team: team) : nil
  }

  /// The library that computes the products.
  var library: ProductLibrary { tiled == nil ? .openBLAS : .libxsmm }

  /// The network in rows.
  func network(team: ThreadTeam) -> Network<Scalar> { tiled?.network(team: team) ?? plain }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func forward(_ workspace: inout Workspace<Scalar>) {
    if let tiled {
      tiled.forward(&workspace)
    } else {
      plain.forward(&workspace)
    }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  mutating func step(_ optimizer: SGD, _ workspace: inout Workspace<Scalar>) {
    if tiled != nil {
      tiled?.descend(rate: Scalar(optimizer.learningRate), &workspace)
    } else {
      optimizer.step(&plain, &workspace)
    }
  }
}
