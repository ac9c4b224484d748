public import ZerOLinearAlgebra
public import ZerONetworks
public import ZerOParallelism
import ZerORequirements

/// A partition of the units of a network into classes that training keeps identical.
///
/// Let W be the weight below a level and V the weight above it. The partition is *equitable* if all
/// units i of a class have
///
/// - the same multiset { W[i, j] : j in d } for each class d of the level below,
/// - the same multiset { V[k, i] : k in e } for each class e of the level above,
/// - the same bias.
///
/// Each input and each logit is a class of its own. In exact arithmetic, the units of a class then
/// have equal activations h for every input, and equal gradients δ. The gradient of the weight,
/// ∂L/∂W[i, j] = Σ δᵢ·hⱼ, depends only on the classes of i and j. An update thus adds the same
/// number to all weights between two classes, and the partition stays equitable. At all times
///
/// ```
/// W − W₀ = P·B·Qᵀ,   P, Q the membership matrices,   rank(W − W₀) ≤ min(classes above, classes below)
/// ```
///
/// A dead unit is a ReLU unit without live inputs whose bias is absent or at most 0. For a dead unit h = δ = 0 at all
/// times, because relu′(0) is 0, as in PyTorch. Its row and column of W − W₀ stay 0, so it belongs to no class and
/// the multisets omit it. For a partial identity without biases the number of live classes is the input dimension;
/// the bound then equals the bound of Theorem 1 of the ZerO paper.
///
/// The condition is sufficient, not necessary. Equal sums Σ W[i, j] over each class would suffice,
/// but sums of rounded numbers cannot be compared exactly. If the weights between two classes form
/// a magic square, training changes W only by rank 1; the multisets differ, however, so every unit
/// is a class of its own. The bound is therefore valid, but need not be the lowest.
///
/// The bound is not a forecast, and it holds in exact arithmetic. Rounding makes identical units
/// diverge slowly. A rank counted at a fixed tolerance can exceed the bound once they differ by
/// more than the tolerance.
///
/// The partition is computed by color refinement. Hashes of the weights to neighboring levels split
/// the classes until none splits further. Each unit is then compared exactly with the first unit of
/// its class; if any differs, refinement continues. A hash collision can therefore not merge two
/// classes, and every split has a real difference behind it. The result is the coarsest partition
/// that is equitable in this sense.
///
/// References: C. Godsil and G. Royle, "Algebraic Graph Theory" (2001), section 9.3 (equitable
/// partitions); B. Weisfeiler and A. Leman, "The reduction of a graph to canonical form and the
/// algebra which appears therein", Nauchno-Technicheskaya Informatsia 2, 9 (1968); J. Zhao, F.
/// Schäfer and A. Anandkumar, "ZerO Initialization", TMLR (2022), arXiv 2110.12661, theorem 1.
public struct EquitablePartition: Equatable, Sendable {
  /// The classes of the inputs, then of the outputs of each layer; the last level is the logits.
  public let levels: [UnitClasses]

  /// Finds the coarsest equitable partition of a network.
  ///
  /// - Parameters:
  ///   - network: The network before training, with finite weights.
  ///   - nonzeroInputs: Which inputs are nonzero in at least one sample; `nil` if the data is
  ///     unknown.
  ///   - team: The threads that share the work; the result does not depend on them.
  /// - Complexity: O(weights) per round. There are few rounds: a level is refined again only after
  ///   a neighbor has split.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public init<Scalar: MatrixScalar>(
    of network: Network<Scalar>, nonzeroInputs: [Bool]? = nil, team: ThreadTeam = .alone
  ) {
    self.init(of: network, nonzeroInputs: nonzeroInputs, signatureMask: .max, team: team)
  }

  init(levels: [UnitClasses]) { self.levels = levels }

  /// Finds the partition with signatures reduced to some of their bits.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  init<Scalar: MatrixScalar>(
    of network: Network<Scalar>, nonzeroInputs: [Bool]?, signatureMask: UInt64, team: ThreadTeam
  ) {
    let inputs = nonzeroInputs ?? [Bool](repeating: true, count: network.layers[0].weight.columns)
    require(
      inputs.count == network.layers[0].weight.columns,
      "\(inputs.count) inputs for a network of \(network.layers[0].weight.columns)")
    var refinement = ColorRefinement(network, inputs: inputs, mask: signatureMask, team: team)
    repeat { refinement.refine() } while refinement.splitWhereDifferent()
    levels = refinement.levels
  }

  /// Computes the largest rank that W − W₀ of a layer can have.
  ///
  /// - Parameter layer: The position of the layer, counted from 0.
  /// - Returns: The smaller of the numbers of classes of its inputs and outputs.
  public func rankCeiling(ofLayer layer: Int) -> Int {
    min(levels[layer].count, levels[layer + 1].count)
  }
}

extension EquitablePartition {
  /// Finds the coarsest equitable partition without allocating identity weights.
  ///
  /// An identity between two hidden levels with equal biases leaves the classes unchanged: unit i reads only unit i
  /// of the level below. The partition therefore equals the partition of the network without such layers, with the
  /// level repeated.
  ///
  /// - Parameters:
  ///   - network: The network before training, with finite weights.
  ///   - nonzeroInputs: Which inputs are nonzero in at least one sample; `nil` if the data is
  ///     unknown.
  ///   - team: The threads that share the work; the result does not depend on them.
  /// - Complexity: O(weights) per round, without those identities.
  public init<Scalar: MatrixScalar>(
    of network: InitialNetwork<Scalar>, nonzeroInputs: [Bool]? = nil, team: ThreadTeam = .alone
  ) {
    var kept: [DenseLayer<Scalar>] = []
    // For each level of this network, the corresponding level of the shorter one.
    var origins = [0]
    for (index, layer) in network.layers.enumerated() {
      if network.repeatsLevel(index) {
        origins.append(kept.count)
      } else {
        kept.append(layer.dense)
        origins.append(kept.count)
      }
    }
    let short = EquitablePartition(
      of: Network(layers: kept), nonzeroInputs: nonzeroInputs, team: team)
    self.init(levels: origins.map { short.levels[$0] })
  }
}

extension InitialNetwork {
  /// Whether the outputs of a layer have the same classes as its inputs because it is an identity.
  fileprivate func repeatsLevel(_ index: Int) -> Bool {
    guard index > 0, index < layers.count - 1, case .identity = layers[index].weight else {
      return false
    }
    return layers[index].activation == .relu
      && layers[index - 1].activation == .relu
      && layers[index].bias == layers[index - 1].bias
  }
}
