// Color refinement on the axes of a model.

import ZerOLinearAlgebra
import ZerONetworks
import ZerOParallelism

/// A partition that is refined until it is equitable.
struct ColorRefinement<Scalar: MatrixScalar> {
  /// A weight between two axes.
  struct Edge {
    /// The axis of the rows.
    let rows: Int

    /// The axis of the columns.
    let columns: Int

    /// Rows × (columns · taps).
    let weight: Matrix<Scalar>

    /// The number of weights between two units.
    var taps: Int
  }

  /// The current classes of each axis.
  private(set) var axes: [UnitClasses]

  private let edges: [Edge]

  /// The groups of normalizations in several groups, with their axis.
  private let groups: [(axis: Int, groups: ChannelGroups)]

  /// Whether the units of an axis stay classes of their own: inputs and logits.
  private let isFixed: [Bool]

  private let mask: UInt64
  private let team: ThreadTeam

  /// The edges whose rows, and whose columns, are to be compared.
  private var pendingRows: Set<Int>
  private var pendingColumns: Set<Int>

  /// The axes whose classes have changed since they were last known to be equitable.
  private var changed: Set<Int>

  /// Starts from given classes, which equal constants per unit determine.
  init(
    _ axes: [UnitClasses], edges: [Edge], groups: [(axis: Int, groups: ChannelGroups)],
    isFixed: [Bool], mask: UInt64, team: ThreadTeam
  ) {
    self.axes = axes
    self.edges = edges
    self.groups = groups
    self.isFixed = isFixed
    self.mask = mask
    self.team = team
    pendingRows = Set(edges.indices)
    pendingColumns = pendingRows
    changed = Set(axes.indices)
  }

  /// Starts again from an equitable partition, in which the units of some axes become classes of their own.
  ///
  /// Only what this splits is compared again.
  mutating func restart(from partition: [UnitClasses], distinct: [Int]) {
    axes = partition
    (pendingRows, pendingColumns, changed) = ([], [], [])
    for axis in distinct { split(axis, by: Array(0..<axes[axis].unitCount)) }
  }

  /// Splits classes by their signatures, upwards and downwards in turn, until no class splits.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  mutating func refine() {
    while !pendingRows.isEmpty || !pendingColumns.isEmpty {
      for (index, edge) in edges.enumerated()
      where pendingRows.remove(index) != nil && canSplit(edge.rows) {
        let signatures = Signatures(over: axes[edge.columns], mask: mask)
        split(edge.rows, by: signatures.ofRows(edge.weight, taps: edge.taps, team))
      }
      for (index, edge) in edges.enumerated().reversed()
      where pendingColumns.remove(index) != nil && canSplit(edge.columns) {
        let signatures = Signatures(over: axes[edge.rows], mask: mask)
        split(edge.columns, by: signatures.ofColumns(edge.weight, taps: edge.taps, team))
      }
      // A split queues the weights of its axis, so the loop returns here until no group splits a class.
      for (axis, groups) in groups where canSplit(axis) {
        split(axis, by: axes[axis].groupLabels(groups))
      }
    }
  }

  /// Splits off every unit whose weights differ from the weights of the first unit of its class.
  ///
  /// - Returns: Whether any class was split.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  mutating func splitWhereDifferent() -> Bool {
    var hasSplit = false
    for edge in edges where changed.contains(edge.rows) || changed.contains(edge.columns) {
      if canSplit(edge.rows) {
        let comparison = ExactComparison(
          level: axes[edge.rows], neighbors: axes[edge.columns], taps: edge.taps)
        hasSplit = split(edge.rows, by: comparison.rowsAgree(in: edge.weight, team)) || hasSplit
      }
      if canSplit(edge.columns) {
        let comparison = ExactComparison(
          level: axes[edge.columns], neighbors: axes[edge.rows], taps: edge.taps)
        hasSplit =
          split(edge.columns, by: comparison.columnsAgree(in: edge.weight, team)) || hasSplit
      }
    }
    return hasSplit
  }

  private func canSplit(_ axis: Int) -> Bool { !isFixed[axis] && !axes[axis].isDiscrete }

  /// Splits an axis; if the number of classes grows, queues the weights of its units.
  @discardableResult
  private mutating func split<Label: Hashable>(_ axis: Int, by labels: [Label]) -> Bool {
    let finer = axes[axis].split(by: labels)
    guard finer.count > axes[axis].count else { return false }
    axes[axis] = finer
    changed.insert(axis)
    for (index, edge) in edges.enumerated() {
      if edge.columns == axis { pendingRows.insert(index) }
      if edge.rows == axis { pendingColumns.insert(index) }
    }
    return true
  }
}

extension InitialNetwork {
  /// The first classes, the edges, and the axis of the refinement that each axis of the model corresponds to.
  ///
  /// An identity between two axes with the same activation and equal biases leaves the classes unchanged: unit i reads only unit i of
  /// the axis below. Such axes become one, and the identity is no edge. A flattened image has the classes of its channels, and a
  /// weight that reads it is an edge with one weight per pixel.
  func refinement(inputs: [Bool], mask: UInt64, team: ThreadTeam)
    -> (start: ColorRefinement<Scalar>, origins: [(axis: Int, taps: Int)])
  {
    let chains = graph.chains
    let constants = constantsByAxis
    let (readers, writers) = graph.weightsByAxis
    var origins = (0..<graph.axisCount).map { (axis: $0, taps: 1) }
    for (axis, source) in graph.flattenedAxes { origins[axis] = source }
    var edges: [ColorRefinement<Scalar>.Edge] = []
    let live = liveUnits(inputs: inputs)
    for index in graph.weightsBetweenUnits {
      let axes = graph.axes(of: graph.parameters[index])
      if parameters[index].isIdentity, let activation = chains[axes[0]],
        activation == chains[axes[1]], writers[axes[0]] == [index], readers[axes[1]] == [index],
        constants[axes[0]] == constants[axes[1]]
      {
        origins[axes[0]] = origins[axes[1]]
      } else {
        edges.append(
          ColorRefinement.Edge(
            rows: axes[0], columns: axes[1], weight: parameters[index].matrix,
            taps: graph.taps(ofWeight: index)))
      }
    }
    edges = edges.map {
      let source = origins[$0.columns]
      return ColorRefinement.Edge(
        rows: origins[$0.rows].axis, columns: source.axis, weight: $0.weight,
        taps: $0.taps * source.taps)
    }
    let groups = graph.groupsByNode.map {
      (axis: origins[graph.axes[$0.key + 1]].axis, groups: $0.value)
    }
    let fixed = Set([graph.axes[0], graph.axes[graph.axes.count - 1]])
    let classes = (0..<graph.axisCount).map { axis in
      guard !fixed.contains(axis) else {
        return UnitClasses(labels: live[axis].enumerated().map { $1 ? $0 : nil })
      }
      let constants = constants[axis]
      return UnitClasses(
        labels: live[axis].enumerated().map { unit, isLive in
          isLive ? constants.map { $0[unit] } : nil
        })
    }
    return (
      ColorRefinement(
        classes, edges: edges, groups: groups, isFixed: (0..<graph.axisCount).map(fixed.contains),
        mask: mask,
        team: team), origins
    )
  }

  /// The biases, gains and shifts of each axis, and each tap of its depthwise convolutions.
  private var constantsByAxis: [[ContiguousArray<Scalar>]] {
    var constants = [[ContiguousArray<Scalar>]](repeating: [], count: graph.axisCount)
    for (index, parameter) in graph.parameters.enumerated()
    where parameter.values.count == 1 {
      let matrix = parameters[index].matrix
      constants[graph.axes[parameter.values[0]]] += (0..<matrix.columns).map { column in
        ContiguousArray((0..<matrix.rows).map { matrix[$0, column] })
      }
    }
    return constants
  }

  /// Returns which units of each axis are live.
  ///
  /// A ReLU unit that nothing else reads or writes is dead if all its weights from live units are 0 and its bias is absent or
  /// at most 0. Its activation is then 0 for every input. The derivative of ReLU at 0 is defined as
  /// 0, so neither its incoming nor its outgoing weights ever change. Units with another activation
  /// always have a gradient, so they are never dead. Normalizations, depthwise convolutions and residual additions can
  /// revive a unit, so no hidden unit of their axes is dead. If a bias, a shift or a weight adds to the axis of the
  /// inputs, all inputs are live. The logits are never dead.
  ///
  /// - Parameter inputs: Which inputs are live, that is, nonzero in at least one sample; of images channel after channel.
  /// - Returns: One value per unit, by axis.
  /// - Complexity: O(m·n) per weight; much less where rows have a nonzero weight near their start.
  func liveUnits(inputs: [Bool]) -> [[Bool]] {
    let (chains, constants) = (graph.chains, constantsByAxis)
    var counts = [Int](repeating: 0, count: graph.axisCount)
    for (value, axis) in graph.axes.enumerated() { counts[axis] = graph.shapes[value].units }
    var live = counts.map { [Bool](repeating: true, count: $0) }
    let pixels = graph.shapes[0].pixels
    if !graph.addsToInputs {
      live[graph.axes[0]] = (0..<graph.shapes[0].units).map { unit in
        inputs[unit * pixels..<(unit + 1) * pixels].contains(true)
      }
    }
    for index in graph.weightsBetweenUnits {
      let axes = graph.axes(of: graph.parameters[index])
      guard chains[axes[0]] == .relu else { continue }
      let bias = constants[axes[0]].first
      let reads: [Bool]
      switch parameters[index] {
      case .identity: reads = live[axes[1]]
      case .matrix(let weight):
        let taps = graph.taps(ofWeight: index)
        reads = weight.rowsReading(live[axes[1]].flatMap { [Bool](repeating: $0, count: taps) })
      }
      live[axes[0]] = reads.enumerated().map { unit, reads in
        reads || bias.map { $0[unit] > 0 } ?? false
      }
    }
    return live
  }
}

extension ModelGraph {
  /// The axes that consist of the outputs of one dense operation or convolution and of the activation after it, which alone reads them,
  /// with the activation; without inputs and logits.
  fileprivate var chains: [Int: Activation] {
    var members = [[Int]](repeating: [], count: axisCount)
    for (value, axis) in axes.enumerated() { members[axis].append(value) }
    var readers = [Int](repeating: 0, count: axes.count)
    for node in nodes { for input in node.inputs { readers[input] += 1 } }
    var chains: [Int: Activation] = [:]
    for (axis, values) in members.enumerated()
    where values.count == 2 && axis != axes[0] && axis != axes[axes.count - 1] {
      let operation = nodes[values[0] - 1].operation
      guard operation is Dense || operation is Convolutional, readers[values[0]] == 1,
        let activation = nodes[values[1] - 1].operation as? Activation
      else { continue }
      chains[axis] = activation
    }
    return chains
  }

  /// Whether a bias, a shift or a weight adds to the axis of the inputs, so inputs that are 0 in all samples do not
  /// stay 0.
  fileprivate var addsToInputs: Bool {
    parameters.contains { parameter in
      guard let rows = parameter.values.first, axes[rows] == axes[0] else { return false }
      return parameter.values.count == 2 || [.bias, .shift].contains(parameter.role)
    }
  }

  /// The groups of channels of each normalization in several groups, by node.
  var groupsByNode: [Int: ChannelGroups] {
    var found: [Int: ChannelGroups] = [:]
    for (index, node) in nodes.enumerated() {
      guard let normalization = node.operation as? Normalization, normalization.groups > 1 else {
        continue
      }
      found[index] = normalization.channelGroups(shapes[index + 1].units)
    }
    return found
  }

  /// The axis of each flattened image, with that of its channels and the number of pixels.
  var flattenedAxes: [Int: (axis: Int, taps: Int)] {
    var sources: [Int: (axis: Int, taps: Int)] = [:]
    for (index, node) in nodes.enumerated() where node.operation is Flattening {
      let input = node.inputs[0]
      sources[axes[index + 1]] = (axes[input], shapes[input].pixels)
    }
    return sources
  }

  /// The weights whose rows and columns are units; the taps of a depthwise convolution are constants of its units.
  fileprivate var weightsBetweenUnits: [Int] {
    weights.filter { parameters[$0].values.count == 2 }
  }

  /// The weights whose columns, and whose rows, are the units of each axis.
  fileprivate var weightsByAxis: (readers: [[Int]], writers: [[Int]]) {
    var readers = [[Int]](repeating: [], count: axisCount)
    var writers = readers
    for index in weightsBetweenUnits {
      let ends = axes(of: parameters[index])
      writers[ends[0]].append(index)
      readers[ends[1]].append(index)
    }
    return (readers, writers)
  }
}

extension Matrix {
  /// Which rows have a nonzero element in a column of some.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  fileprivate func rowsReading(_ columns: [Bool]) -> [Bool] {
    let (weights, n) = (elements.span, self.columns)
    return (0..<rows).map { i in
      var j = 0
      while j < n {
        if weights[i &* n &+ j] != 0, columns[j] { return true }
        j &+= 1
      }
      return false
    }
  }
}
