// From a network's weights to the units that they make and keep identical.

public import LinearAlgebra
public import Networks
public import Parallelism

/// The units of a network, in classes that training keeps identical.
///
/// A partition of the units of every level is *equitable* if for each unit i of a class the multiset
/// { W[i, j] : j in d } is the same, for each class d of the level below, and likewise { V[k, i] : k in e }
/// for the weight V above and each class e there, and its bias. Inputs and logits are classes of their
/// own. Then, in exact arithmetic, the units of a class have equal activations h for every input and equal
/// gradients δ; ∂L/∂W[i, j] = Σ δᵢ·hⱼ depends on the classes of i and j alone, so an update adds the same
/// number to all weights between two classes, and the partition stays equitable. At all times
///
/// ```
/// W − W₀ = P·B·Qᵀ,   P, Q the membership matrices,   rank(W − W₀) ≤ min(classes above, classes below)
/// ```
///
/// Dead units, rectified linear ones which no live unit feeds and whose bias, if there is one, is at most 0, have
/// h = δ = 0 for ever (PyTorch takes relu′(0) as 0, and so does this package): their rows and columns of W − W₀ stay 0, so
/// they belong to no class, and the multisets leave them out. For a partial identity without bias the live
/// classes are as many as the inputs, which is Theorem 1 of the ZerO paper.
///
/// The condition is sufficient, not necessary: equal sums Σ W[i, j] over each class would do, and the multisets ask
/// for more, since sums of rounded numbers can't be compared exactly. Between two classes whose weights form a magic
/// square, training changes W by rank 1 for ever, while the multisets differ and every unit is a class of its own. So
/// the bound is valid and need not be the lowest.
///
/// It is an upper bound, not a forecast, and holds in exact arithmetic: rounding makes identical units diverge slowly,
/// and a rank counted at a fixed tolerance may pass the bound once they differ by more than that.
///
/// Found by color refinement. Units are parted by hashes of what they see of the levels below and above
/// until no class splits; then each unit is compared with the first of its class exactly, and where they
/// differ it goes on from there. No collision of hashes can therefore join two classes, and none is
/// split without a reason: the result is the coarsest partition that is equitable in this sense.
///
/// References: C. Godsil and G. Royle, "Algebraic Graph Theory" (2001), section 9.3 (equitable
/// partitions); B. Weisfeiler and A. Leman, "The reduction of a graph to canonical form and the algebra
/// which appears therein", Nauchno-Technicheskaya Informatsia 2, 9 (1968); J. Zhao, F. Schäfer and
/// A. Anandkumar, "ZerO Initialization", TMLR (2022), arXiv 2110.12661, theorem 1.
public struct EquitablePartition: Equatable, Sendable {
  /// The classes of the inputs, and then of each layer's outputs; the last are the logits'.
  public let levels: [UnitClasses]

  /// Finds the coarsest equitable partition, in the sense of multisets.
  ///
  /// - Parameters:
  ///   - network: With its initial weights, finite ones.
  ///   - liveInputs: Which inputs are not 0 in every sample; `nil` where nothing is known of the data.
  ///   - team: Shares the work; it makes no difference to the result.
  /// - Complexity: O(weights) a round, of which there are few: a level is looked at again when a neighbor
  ///   has split.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public init<Scalar: MatrixScalar>(
    of network: Network<Scalar>, liveInputs: [Bool]? = nil, team: ThreadTeam = .alone
  ) {
    self.init(of: network, liveInputs: liveInputs, signatureMask: .max, team: team)
  }

  init(levels: [UnitClasses]) { self.levels = levels }

  /// The same with signatures of which only some bits are kept.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  init<Scalar: MatrixScalar>(
    of network: Network<Scalar>, liveInputs: [Bool]?, signatureMask: UInt64, team: ThreadTeam
  ) {
    let inputs = liveInputs ?? [Bool](repeating: true, count: network.layers[0].weight.columns)
    precondition(
      inputs.count == network.layers[0].weight.columns,
      "\(inputs.count) inputs for a network of \(network.layers[0].weight.columns)")
    var refinement = Refinement(network, inputs: inputs, mask: signatureMask, team: team)
    repeat { refinement.refine() } while refinement.splitWhereDifferent()
    levels = refinement.levels
  }

  /// The largest rank that W − W₀ of a layer can have.
  ///
  /// - Parameter layer: Counted from 0.
  /// - Returns: The smaller number of classes at its two ends.
  public func rankCeiling(ofLayer layer: Int) -> Int {
    min(levels[layer].count, levels[layer + 1].count)
  }
}
