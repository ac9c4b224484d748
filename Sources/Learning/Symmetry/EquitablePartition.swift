public import ZerOLinearAlgebra
public import ZerONetworks
public import ZerOParallelism
import ZerORequirements

/// A partition of the units of a network into classes that training keeps identical.
///
/// Let W be a weight whose rows are the units of an axis, and V a weight whose columns are. The partition is *equitable* if all
/// units i of a class have, for each such weight,
///
/// - the same multiset { W[i, j] : j in d } for each class d of the axis of its columns,
/// - the same multiset { V[k, i] : k in e } for each class e of the axis of its rows,
/// - the same bias, gain and shift, and the same taps in a depthwise convolution,
/// - and in a normalization in several groups a group with the same numbers of units of each class.
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
/// The residual stream is one axis, so all its summands have the same classes. Normalizations, residual additions, every activation
/// and every optimizer without noise keep the units of a class identical. With weight decay, the bound is on W − α·W₀, where α is the
/// factor by which the decay has multiplied the initial weights; with L2 decay inside Adam there is no bound.
///
/// A depthwise convolution has one axis: channel c of its input and of its output are one unit, whose k² taps are
/// constants. The gradient ∂L/∂W[c, t] = Σ δ[c, p]·h[c, p + t] depends only on the class of c and the tap t. For its
/// weight, m × k², W − W₀ = P·B and rank(W − W₀) ≤ min(classes, k²). Other convolutions in several groups have no
/// partition (`ModelGraph.supportsPartition`).
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
  /// The model.
  public let graph: ModelGraph

  /// The classes of each axis of the model: for a stack of layers, of the inputs and then of the outputs of each layer.
  public let axes: [UnitClasses]

  /// Finds the coarsest equitable partition of a network.
  ///
  /// - Parameters:
  ///   - network: The network before training, with finite weights.
  ///   - nonzeroInputs: Which inputs are nonzero in at least one sample, of images channel after channel; `nil` if the data is
  ///     unknown.
  ///   - team: The threads that share the work; the result does not depend on them.
  /// - Complexity: O(weights) per round. There are few rounds: an axis is refined again only after
  ///   a neighbor has split.
  public init<Scalar: MatrixScalar>(
    of network: Network<Scalar>, nonzeroInputs: [Bool]? = nil, team: ThreadTeam = .alone
  ) {
    self.init(of: network, nonzeroInputs: nonzeroInputs, signatureMask: .max, team: team)
  }

  init(graph: ModelGraph, axes: [UnitClasses]) {
    self.graph = graph
    self.axes = axes
  }

  /// Finds the partition with signatures reduced to some of their bits.
  init<Scalar: MatrixScalar>(
    of network: Network<Scalar>, nonzeroInputs: [Bool]?, signatureMask: UInt64, team: ThreadTeam
  ) {
    let start = InitialNetwork(
      graph: network.graph, parameters: network.parameters.map { .matrix($0) })
    self.init(
      of: start, nonzeroInputs: nonzeroInputs, signatureMask: signatureMask, team: team)
  }

  /// Finds the coarsest equitable partition without allocating identity weights between ReLU units with equal biases.
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
    self.init(of: network, nonzeroInputs: nonzeroInputs, signatureMask: .max, team: team)
  }

  private init<Scalar: MatrixScalar>(
    of network: InitialNetwork<Scalar>, nonzeroInputs: [Bool]?, signatureMask: UInt64,
    team: ThreadTeam
  ) {
    let inputs = nonzeroInputs ?? [Bool](repeating: true, count: network.graph.inputs)
    require(
      inputs.count == network.graph.inputs,
      "\(inputs.count) inputs for a network of \(network.graph.inputs)")
    require(
      network.graph.supportsPartition,
      "a partition of a model with a convolution in groups that is not depthwise, or with "
        + "parameters of a flattened image"
    )
    var (refinement, origins) = network.refinement(
      inputs: inputs, mask: signatureMask, team: team)
    repeat { refinement.refine() } while refinement.splitWhereDifferent()
    self.init(
      graph: network.graph, axes: origins.map { refinement.axes[$0.axis].repeated($0.taps) })
  }

  /// The partition of the same network with random values in one weight.
  ///
  /// All its units then differ, those of its rows and those of its columns. The new partition is therefore also equitable for the given
  /// network, and finer than this one, from which the search starts.
  ///
  /// - Parameters:
  ///   - weight: The position of the weight among the parameters.
  ///   - network: The network of this partition.
  ///   - nonzeroInputs: Those of this partition.
  ///   - team: The threads that share the work.
  /// - Returns: The partition.
  /// - Complexity: One pass over the weights, and O(weights) per round for those at axes whose units split. If the network has dead units
  ///   other than inputs, which random values could revive, that of a new partition.
  public func withRandomWeight<Scalar: MatrixScalar>(
    _ weight: Int, in network: InitialNetwork<Scalar>, nonzeroInputs: [Bool],
    team: ThreadTeam = .alone
  ) -> EquitablePartition {
    guard !axes.dropFirst().contains(where: { $0.deadCount > 0 }) else {
      var parameters = network.parameters
      let (rows, columns) = (graph.parameters[weight].rows, graph.parameters[weight].columns)
      parameters[weight] = .matrix(
        Matrix(rows: rows, columns: columns) { i, j in
          Scalar(1 + Double(Signatures.mixed(UInt64(i * columns + j)) >> 11) * 0x1p-53)
        })
      return EquitablePartition(
        of: InitialNetwork(graph: graph, parameters: parameters), nonzeroInputs: nonzeroInputs,
        team: team)
    }
    var (refinement, origins) = network.refinement(
      inputs: nonzeroInputs, mask: .max, team: team)
    var start = refinement.axes
    for (axis, origin) in origins.enumerated() where origin.taps == 1 {
      start[origin.axis] = axes[axis]
    }
    let ends = graph.axes(of: graph.parameters[weight]).map { origins[$0].axis }
    refinement.restart(from: start, distinct: ends)
    repeat { refinement.refine() } while refinement.splitWhereDifferent()
    return EquitablePartition(
      graph: graph, axes: origins.map { refinement.axes[$0.axis].repeated($0.taps) })
  }

  /// The classes of the rows and columns of a parameter; a vector has one column, and each tap of a kernel a column of its own.
  ///
  /// The weight of a depthwise convolution has only its k² taps as columns.
  ///
  /// - Parameter parameter: The position of the parameter.
  /// - Returns: The classes of its rows and of its columns.
  public func classes(ofParameter parameter: Int) -> (above: UnitClasses, below: UnitClasses) {
    let ends = graph.axes(of: graph.parameters[parameter])
    let one = UnitClasses(labels: [0])
    guard let above = ends.first else { return (one, one) }
    let below = ends.count > 1 ? axes[ends[1]] : one
    return (axes[above], below.repeated(graph.taps(ofWeight: parameter)))
  }

  /// Computes the largest rank that W − W₀ of a weight can have.
  ///
  /// - Parameter weight: The position of the weight among the parameters.
  /// - Returns: The smaller of the numbers of classes of its outputs, and of its inputs times the taps of a kernel;
  ///   for a depthwise convolution, the smaller of the numbers of classes and of taps.
  public func rankCeiling(ofWeight weight: Int) -> Int {
    let (above, below) = classes(ofParameter: weight)
    return min(below.count, above.count)
  }
}
