// The symmetry-reduced network; training it is equivalent to training the whole network.

public import ZerOLinearAlgebra
public import ZerONetworks
public import ZerOParallelism
import ZerORequirements

/// The quotient of a network by an equitable partition: one unit per class.
///
/// Each tap of a convolution is such a weight. Let P (m × K) and Q (n × L) be the membership matrices of a weight's rows and columns, and D
/// and E the diagonal matrices of the class sizes. The partition is equitable, so all units of a class have the same activation h and
/// the same gradient δ; the quotient keeps one of each. Its weight is the mean of each block,
///
/// ```
/// V = D⁻¹·Pᵀ·W·Q·E⁻¹
/// z = V·(E·h) + b,   ∂L/∂h = Vᵀ·(D·δ),   ∂L/∂W of every element of a block = δ·hᵀ
/// ```
///
/// A depthwise convolution sums over its taps alone, z[c, p] = Σ V[c, t]·h[c, p + t] + b[c]. Q and E are identities,
/// and D does not enter ∂L/∂h either. The convolution stays depthwise, with one group per remaining channel.
///
/// An update adds the same number to all elements of a block, and the same to its mean: V is trained by the same rule as W, whatever
/// the activation, the optimizer and its states. A normalization weighs its means by the class sizes, and so does the norm
/// of a gradient that is clipped. Each input and each logit
/// is a class of its own, so batches and losses are the same. The trained quotient expands to the
/// whole network:
///
/// ```
/// W = α·W₀ + P·(V − α·V₀)·Qᵀ
/// ```
///
/// where α is the factor by which weight decay has multiplied the initial weights, 1 without it. W − α·W₀ has the singular values of
/// √D·(V − α·V₀)·√E, padded with zeros. Weight decay inside Adam's gradient changes the elements of a block by different
/// numbers; such a network has no quotient.
///
/// The quotient omits dead units, whose activations and gradients are always 0. A network with
/// neither identical nor dead units is its own quotient, bit for bit.
///
/// References: C. Godsil and G. Royle, "Algebraic Graph Theory" (2001), section 9.3 (quotients by
/// equitable partitions).
public struct NetworkQuotient<Scalar: MatrixScalar>: Sendable {
  /// The network before training.
  public let start: InitialNetwork<Scalar>

  /// The reduced model.
  public let graph: ModelGraph

  /// The parameters, in the order of `graph.parameters`.
  public let parameters: [ParameterQuotient<Scalar>]

  /// Finds the classes of a network and reduces it.
  ///
  /// - Parameters:
  ///   - start: The network before training. All inputs count as live, because a test image may use
  ///     pixels that no training image uses.
  ///   - team: The threads that share the work; the result does not depend on them.
  /// - Complexity: The cost of `EquitablePartition`, plus O(weights).
  public init(of start: InitialNetwork<Scalar>, team: ThreadTeam = .alone) {
    self.init(of: start, by: EquitablePartition(of: start, team: team))
  }

  /// Reduces a network by a given partition.
  ///
  /// - Parameters:
  ///   - start: The network before training.
  ///   - partition: An equitable partition of that network. For any other partition the quotient is
  ///     meaningless.
  init(of start: InitialNetwork<Scalar>, by partition: EquitablePartition) {
    self.start = start
    let (model, flattened) = (start.graph, start.graph.flattenedAxes)
    parameters = start.parameters.enumerated().map { index, parameter in
      let (above, below) = partition.classes(ofParameter: index)
      let pixels = model.axes(of: model.parameters[index]).dropFirst().first.flatMap {
        flattened[$0]?.taps
      }
      return ParameterQuotient(
        reducing: parameter, below: below, above: above,
        taps: model.taps(ofWeight: index) * (pixels ?? 1))
    }
    let members = partition.axes.map { MembershipMatrix($0) }
    var multiplicities: [Int: ContiguousArray<Double>] = [:]
    for (axis, members) in members.enumerated() where members.sizes.contains(where: { $0 != 1 }) {
      multiplicities[axis] = ContiguousArray(members.sizes)
    }
    let groups = model.groupsByNode.map { node, groups in
      let classes = partition.axes[model.axes[node + 1]]
      let labels = classes.groupLabels(groups)
      return (node, ChannelGroups(classes.representatives.map { labels[$0] }))
    }
    graph = start.graph.resized(
      to: members.map(\.count), multiplicities: multiplicities,
      groups: Dictionary(uniqueKeysWithValues: groups))
  }

  /// Keeps every unit of a network.
  ///
  /// - Parameters:
  ///   - network: The network before training.
  ///   - partition: An equitable partition, for measuring how far identical units diverge.
  public init(
    unreduced network: InitialNetwork<Scalar>, classes partition: EquitablePartition? = nil
  ) {
    start = network
    graph = network.graph
    parameters = network.parameters.enumerated().map { index, parameter in
      ParameterQuotient(
        unreduced: parameter,
        classes: partition.map {
          let (above, below) = $0.classes(ofParameter: index)
          return (below, above)
        })
    }
  }

  /// The reduced network before training.
  public var network: Network<Scalar> {
    Network(graph: graph, parameters: parameters.map(\.reduced.matrix))
  }

  /// Expands a reduced network to all units, including dead ones.
  ///
  /// - Parameters:
  ///   - network: The reduced network, during or after training.
  ///   - startFactor: α.
  /// - Returns: The whole network.
  public func expanded(_ network: Network<Scalar>, startFactor: Double = 1) -> Network<Scalar> {
    require(
      network.parameters.count == parameters.count,
      "\(network.parameters.count) of \(parameters.count) parameters")
    return Network(
      graph: start.graph,
      parameters: zip(parameters, network.parameters).map {
        $0.expanded($1, startFactor: startFactor)
      })
  }
}
