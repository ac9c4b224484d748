// The network of a training run, in the layout of the library that computes its products.

package import ZerOLinearAlgebra
package import ZerONetworks
package import ZerOParallelism

/// A network that batches of some sizes update.
package struct NetworkInTraining<Scalar: MatrixScalar> {
  /// The network in rows; with a tiled network only its value at the beginning.
  private var plain: Network<Scalar>

  /// The network in tiles, if libxsmm computes the products.
  private var tiled: TiledNetwork<Scalar>?

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
    plain = network
    tiled =
      products == .libxsmm
      ? TiledNetwork(network, batchSizes: batchSizes, team: team) : nil
  }

  /// The library that computes the products.
  var library: ProductLibrary { tiled == nil ? .openBLAS : .libxsmm }

  /// The network in rows.
  func network(team: ThreadTeam) -> Network<Scalar> { tiled?.network(team: team) ?? plain }

  /// Computes the activations of a batch; see `Network.forward(_:)`.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package func forward(_ workspace: inout Workspace<Scalar>) {
    if let tiled {
      tiled.forward(&workspace)
    } else {
      plain.forward(&workspace)
    }
  }

  /// Makes one update; see `SGD.step(_:_:)`.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package mutating func step(_ optimizer: SGD, _ workspace: inout Workspace<Scalar>) {
    if tiled != nil {
      tiled?.descend(rate: Scalar(optimizer.learningRate), &workspace)
    } else {
      optimizer.step(&plain, &workspace)
    }
  }
}
