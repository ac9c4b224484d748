// Ceilings and symmetry reduction of networks with depthwise convolutions.

import TestSupport
import Testing
import ZerOLinearAlgebra
import ZerONetworks
import ZerOOptimizers
import ZerOSpectra
import ZerOTraining

@testable import ZerOSymmetry

@Suite struct DepthwiseSymmetryTests {
  /// A separable network for images of 2 × 5 × 4, with 8 channels and then 12, and a residual addition.
  private static let graph: ModelGraph = {
    var graph = ModelGraph(of: ValueShape(units: 2, height: 5, width: 4))
    graph.append("conv", Convolutional(outputs: 8, kernel: 3))
    graph.append("norm1", BatchNormalization())
    graph.append("f1", Activation.relu)
    graph.append("depthwise1", Convolutional(outputs: 8, kernel: 3, groups: 8))
    graph.append("norm2", BatchNormalization())
    graph.append("f2", Activation.relu)
    graph.append("point1", Convolutional(outputs: 12, kernel: 1))
    graph.append("norm3", Normalization(.layer))
    graph.append("f3", Activation.relu)
    graph.append(
      "depthwise2",
      Convolutional(outputs: 12, kernel: 2, stride: 2, padding: 0, groups: 12, hasBias: true))
    let stream = graph.append("f4", Activation.relu)
    let branch = graph.append("point2", Convolutional(outputs: 12, kernel: 1, hasBias: true))
    graph.append("sum", Addition(), of: [branch, stream])
    graph.append("pool", Pooling(.mean))
    graph.append("fc", Dense(outputs: 3, hasBias: true))
    return graph
  }()

  /// A network in which units of an axis are identical if their numbers are equal modulo the period of the axis.
  ///
  /// - Parameter periods: The periods by number of units; the units of other axes are all different.
  /// - Returns: The network before training.
  private func network(_ periods: [Int: Int]) -> Network<Double> {
    let graph = Self.graph
    let parameters = graph.parameters.enumerated().map { index, parameter in
      let taps = graph.taps(ofWeight: index)
      let inputs = parameter.columns / taps
      return Matrix<Double>(rows: parameter.rows, columns: parameter.columns) { row, column in
        let i = row % (periods[parameter.rows] ?? parameter.rows)
        let j = column / taps % (periods[inputs] ?? inputs) * taps + column % taps
        let value = Double((index * 613 + i * 7919 + j * 104_729 + i * j * 31) % 1009) / 1009 - 0.5
        return switch parameter.role {
        case .weight: value
        case .bias, .shift: value / 4
        case .gain: 1 + value
        case .variance: 1
        case .mean, .count: 0
        }
      }
    }
    return Network(graph: graph, parameters: parameters)
  }

  private func index(_ name: String) throws -> Int {
    try #require(Self.graph.index(ofParameter: name))
  }

  /// The classes of the channels of a depthwise convolution, compared with those of a refinement without hashes.
  private func classes(_ network: Network<Double>, of name: String) throws -> [Int?] {
    let start = InitialNetwork(network)
    let partition = EquitablePartition(of: start)
    let expected = naiveClasses(of: start)
    for (value, axis) in Self.graph.axes.enumerated() {
      #expect(partition.axes[axis].classOfUnit == expected[value], "value \(value)")
    }
    return partition.classes(ofParameter: try index(name)).above.classOfUnit
  }

  /// Makes four updates by batches of six images.
  private func trained(_ start: Network<Double>, by optimizer: any Optimizer, clip: Double? = nil)
    -> (network: Network<Double>, losses: [Double])
  {
    let samples = 6
    let labels = ContiguousArray((0..<samples).map { UInt8($0 % start.graph.outputs) })
    let trained = NetworkInTraining(start, optimizer: optimizer, batchSizes: [samples])
    var workspace = Workspace(for: start, samples: samples)
    var losses: [Double] = []
    for number in 1...4 {
      workspace.activations[0] = Matrix(rows: start.graph.inputs, columns: samples) {
        Double(($0 * 7919 + $1 * 104_729 + $0 * $1 * 31 + number * 613) % 1009) / 1009
      }
      trained.forward(&workspace)
      losses.append(workspace.computeLoss(labels: labels).mean)
      trained.step(rate: 0.01, number: number, clip: clip, &workspace)
    }
    return (trained(), losses)
  }

  @Test func `channels are identical if all their taps are equal`() throws {
    let whole = network([8: 4, 12: 5])
    let eight = [0, 1, 2, 3, 0, 1, 2, 3]
    #expect(try classes(whole, of: "depthwise1.weight") == eight)
    #expect(
      try classes(whole, of: "depthwise2.weight") == [0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1])

    // A difference in any tap splits the class; the sign of a zero does not.
    let weight = try index("depthwise1.weight")
    for tap in 0..<9 {
      var other = whole
      other.parameters[weight][5, tap] += 0x1p-40
      #expect(try classes(other, of: "depthwise1.weight") == [0, 1, 2, 3, 0, 4, 2, 3])
      (other.parameters[weight][1, tap], other.parameters[weight][5, tap]) = (0, -0.0)
      #expect(try classes(other, of: "depthwise1.weight") == eight)
    }

    // A channel is one unit before and after the convolution, so equal taps do not make different channels identical.
    var distinct = network([12: 5])
    distinct.parameters[weight] = Matrix(repeating: 0, rows: 8, columns: 9)
    #expect(try classes(distinct, of: "depthwise1.weight") == Array(0..<8))
  }

  /// An optimizer, and the largest norm of a gradient.
  private static let rules: [(any Optimizer, Double?)] = [
    (SGD(momentum: 0.9), nil), (SGD(momentum: 0.9), 0.05), (Adam(), nil),
  ]

  /// Several classes of different sizes; one class, so a depthwise convolution has one channel; no identical channels.
  @Test(arguments: rules, [[8: 4, 12: 5], [8: 1, 12: 1], [:]])
  func `training the distinct channels is training all of them`(
    rule: (optimizer: any Optimizer, clip: Double?), periods: [Int: Int]
  ) throws {
    let start = InitialNetwork(network(periods))
    let quotient = NetworkQuotient(of: start)
    let (eight, twelve) = (periods[8] ?? 8, periods[12] ?? 12)
    for (name, channels, taps) in [("depthwise1", eight, 9), ("depthwise2", twelve, 4)] {
      let weight = quotient.network.parameters[try index("\(name).weight")]
      #expect(weight.rows == channels && weight.columns == taps)
    }
    #expect(quotient.graph.axes == start.graph.axes)
    #expect(quotient.expanded(quotient.network) == start.network)

    let rounding = Tolerance(absolute: 1e-10, because: "rounding, which Adam amplifies")
    expectSame(quotient, by: rule.optimizer, clip: rule.clip, within: rounding, "\(periods)")
  }

  /// Compares losses and parameters of the reduced and of the whole network.
  private func expectSame(
    _ quotient: NetworkQuotient<Double>, by optimizer: any Optimizer, clip: Double?,
    within tolerance: Tolerance, _ what: String
  ) {
    let whole = trained(quotient.start.network, by: optimizer, clip: clip)
    let reduced = trained(quotient.network, by: optimizer, clip: clip)
    expectClose(reduced.losses, whole.losses, within: tolerance, "losses of \(what)")
    let expanded = quotient.expanded(reduced.network)
    for (index, parameter) in quotient.start.graph.parameters.enumerated() {
      expectClose(
        expanded.parameters[index].elements, whole.network.parameters[index].elements,
        within: tolerance, "\(parameter.name) of \(what)")
    }
  }

  @Test func `training the distinct units of random models is training all of them`() {
    let rounding = Tolerance(
      relative: 1e-9, absolute: 1e-9, because: "rounding; gradients of zeros and ones may be large")
    var (reduced, single) = (0, 0)
    for seed in 0..<600 {
      let model = randomModel(seed)
      let quotient = NetworkQuotient(of: model)
      let depthwise = quotient.graph.nodes.filter { $0.name.hasPrefix("depthwise") }
      guard !depthwise.isEmpty, quotient.graph.parameterCount < model.graph.parameterCount else {
        continue
      }
      expectSame(
        quotient, by: SGD(momentum: 0.9), clip: seed % 2 == 0 ? nil : 0.05, within: rounding,
        "model \(seed)")
      reduced += 1
      if depthwise.contains(where: { ($0.operation as? Convolutional)?.groups == 1 }) {
        single += 1
      }
    }
    #expect(reduced > 40 && single > 2, "\(reduced) models, \(single) with a single channel")
  }

  @Test func `classes without regard to a tap give another network`() throws {
    let equal = network([8: 4, 12: 5])
    for name in ["depthwise1.weight", "depthwise2.weight"] {
      var start = equal
      start.parameters[try index(name)][5, 3] += 0.25
      let whole = trained(start, by: SGD())
      let (right, wrong) = (EquitablePartition(of: start), EquitablePartition(of: equal))
      func losses(_ partition: EquitablePartition) -> [Double] {
        let quotient = NetworkQuotient(of: InitialNetwork(start), by: partition)
        return trained(quotient.network, by: SGD()).losses
      }
      expectClose(
        losses(right), whole.losses, within: Tolerance(absolute: 1e-10, because: "rounding"))
      #expect(zip(losses(wrong), whole.losses).contains { abs($0 - $1) > 1e-5 }, "\(name)")
    }
  }

  @Test func `a depthwise weight changes by at most the rank of its classes and taps`() throws {
    let start = network([8: 4, 12: 5])
    let partition = EquitablePartition(of: start)
    let quotient = NetworkQuotient(of: InitialNetwork(start), by: partition)
    let separate = NetworkQuotient(unreduced: InitialNetwork(start), classes: partition)
    let (whole, reduced) = (trained(start, by: SGD()), trained(quotient.network, by: SGD()))
    let rounding = Tolerance(absolute: 1e-10, because: "rounding")
    // Four classes and nine taps, and five classes and four taps.
    for (name, layer, taps) in [("depthwise1", "conv", 9), ("depthwise2", "point1", 4)] {
      let weight = try index("\(name).weight")
      let trained = whole.network.parameters[weight]
      let change = separate.parameters[weight].change(of: trained)
      let values = try change.singularValues()
      let rank = NumericalRank(singularValues: values, tolerance: 1e-9 * (values.first ?? 0)).rank
      #expect(rank == 4 && partition.rankCeiling(ofWeight: weight) == 4, "\(name): \(values)")
      let few = try quotient.parameters[weight].change(of: reduced.network.parameters[weight])
        .singularValues()
      expectClose(
        few + [Double](repeating: 0, count: values.count - few.count), values, within: rounding)

      let ceiling = try #require(partition.layerCeilings.first { $0.layer == name })
      #expect(ceiling.ceiling == 4 && ceiling.taps == taps && ceiling.layerBelow == layer)
      #expect(ceiling.inputs.unitCount == 1 && ceiling.outputs.unitCount == trained.rows)

      func distance(_ weight: Int, in matrix: Matrix<Double>) throws -> Double {
        try #require(separate.parameters[weight].copyDistance(in: matrix))
      }
      expectClose(try distance(weight, in: trained), 0, within: rounding)
      var moved = trained
      moved[5, 3] += 0.25
      expectClose(try distance(weight, in: moved), 0.25, within: rounding)
    }
  }

  @Test func `channels that a depthwise convolution reads or writes are never dead`() {
    // Channel 0 reads nothing.
    let kernel = Matrix<Double>(rows: 2, columns: 1, elements: [0, 1])
    for isDepthwise in [false, true] {
      var graph = ModelGraph(inputs: 1)
      graph.append("conv", Convolutional(outputs: 2, kernel: 1))
      if isDepthwise { graph.append("depthwise", Convolutional(outputs: 2, kernel: 1, groups: 2)) }
      graph.append("f", Activation.relu)
      graph.append("fc", Dense(outputs: 1, hasBias: false))
      let parameters =
        [kernel] + (isDepthwise ? [kernel] : []) + [Matrix(rows: 1, columns: 2, elements: [1, 1])]
      let partition = EquitablePartition(of: Network(graph: graph, parameters: parameters))
      #expect(partition.classes(ofParameter: 0).above.deadCount == (isDepthwise ? 0 : 1))
    }
  }

  @Test
  func `inputs without values are live if a bias, a shift or a residual addition changes them`() {
    let operations: [(Int, [any Operation])] = [
      (1, [Activation.relu]),
      (1, [Convolutional(outputs: 2, kernel: 1, groups: 2)]),
      (0, [Convolutional(outputs: 2, kernel: 1, groups: 2, hasBias: true)]),
      (0, [BatchNormalization()]),
      (0, [Convolutional(outputs: 2, kernel: 1), Addition()]),
    ]
    for (deadCount, operations) in operations {
      var graph = ModelGraph(of: ValueShape(units: 2, height: 1, width: 2))
      for operation in operations {
        let inputs = operation is Addition ? [0, graph.latest] : [graph.latest]
        graph.append("\(graph.latest)", operation, of: inputs)
      }
      graph.append("pool", Pooling(.mean))
      graph.append("fc", Dense(outputs: 1, hasBias: false))
      let partition = EquitablePartition(
        of: Network(
          graph: graph,
          parameters: graph.parameters.map {
            Matrix<Double>(repeating: 1, rows: $0.rows, columns: $0.columns)
          }), nonzeroInputs: [true, true, false, false])
      #expect(partition.axes[0].deadCount == deadCount, "\(operations)")
    }
  }
}
