// What a choice of ties means for a network.

import LinearAlgebra
import Networks
import Parallelism
import Symmetry
import Training

extension NetworkQuotient {
  /// What is trained: the network as it is, or folded.
  ///
  /// - Parameters:
  ///   - start: The network before training.
  ///   - ties: How copies are trained.
  ///   - partition: An equitable one, so that a dense run can tell how far copies part.
  ///   - team: Shares the work.
  init(
    of start: InitialNetwork<Scalar>, ties: Ties, copies partition: EquitablePartition? = nil,
    team: ThreadTeam = .alone
  ) {
    switch ties {
    case .dense: self.init(unreduced: start, classes: partition)
    case .exact: self.init(of: start, team: team)
    }
  }
}
