// The network that is trained, by symmetry mode.

import ZerOLinearAlgebra
import ZerONetworks
import ZerOParallelism
import ZerOSymmetry
import ZerOTraining

extension NetworkQuotient {
  /// The trained network: the whole network, or its reduction.
  ///
  /// - Parameters:
  ///   - start: The network before training.
  ///   - symmetry: How identical units are trained.
  ///   - partition: An equitable partition, with which a dense run measures how far identical units
  ///     diverge.
  ///   - team: The threads that share the work.
  init(
    of start: InitialNetwork<Scalar>, symmetry: SymmetryMode,
    classes partition: EquitablePartition? = nil, team: ThreadTeam = .alone
  ) {
    switch symmetry {
    case .dense: self.init(unreduced: start, classes: partition)
    case .reduced: self.init(of: start, team: team)
    }
  }
}
