import Foundation
import TestSupport
import Testing
import ZerODatasets
import ZerOInitializers
import ZerOLinearAlgebra
import ZerONetworks
import ZerOParallelism
import ZerORandomness
import ZerOTraining

@testable import ZerOSymmetry

/// Training of the reduced network, compared with training of the whole network.
@Suite struct NetworkQuotientTests {
  /// The result of training: the losses of all batches and test passes, and the network.
  private struct Trained {
    var losses: [Double] = []
    var network: Network<Double>

    init(_ start: Network<Double>, by plan: TrainingPlan, on data: Dataset) throws {
      network = start
      var losses: [Double] = []
      try train(&network, by: plan, on: data) { event, _, _ in
        switch event {
        case .step(let step): losses.append(step.loss)
        case .test(let test): losses.append(test.loss)
        case .reached: break
        }
      }
      self.losses = losses
    }
  }

  /// 100 updates at two learning rates; the last batch of each epoch is smaller.
  private func plan(_ name: String, width: Int, depth: Int, bias: Double?) -> TrainingPlan {
    var plan = TrainingPlan(initializer: name, width: width)
    plan.depth = depth
    plan.bias = bias
    plan.batchSize = 48
    plan.modelSeed = 3
    plan.epochs = 20
    plan.stepSize = 10
    plan.measureEvery = 1
    return plan
  }

  private static let rounding = Tolerance(
    relative: 1e-10, absolute: 1e-10, because: "rounding of 100 updates in double precision")

  /// Compares both results.
  ///
  /// - Returns: The largest differences, in the columns of `tableHeadings`.
  private func expectSame(
    _ reduced: Trained, of quotient: NetworkQuotient<Double>, as whole: Trained, _ what: String
  ) throws -> [Double] {
    expectClose(reduced.losses, whole.losses, within: Self.rounding, "losses of \(what)")
    let expanded = quotient.expanded(reduced.network)
    var (weights, values) = (0.0, 0.0)
    for (index, (mine, theirs)) in zip(expanded.layers, whole.network.layers).enumerated() {
      expectClose(
        mine.weight.elements, theirs.weight.elements, within: Self.rounding,
        "weight \(index) of \(what)")
      expectClose(
        mine.bias ?? [], theirs.bias ?? [], within: Self.rounding, "bias \(index) of \(what)")
      let layer = quotient.weights[index]
      var change = theirs.weight
      change.subtract(layer.start.matrix)
      let few = try layer.change(of: reduced.network.layers[index].weight).singularValues()
      let all = few + [Double](repeating: 0, count: min(change.rows, change.columns) - few.count)
      let expected = try change.singularValues()
      expectClose(
        all, expected, within: Self.rounding, "singular values \(index) of \(what)")
      weights = max(weights, apart(Array(mine.weight.elements), Array(theirs.weight.elements)))
      values = max(values, apart(all, expected))
      for limit in [3, 16, 64] {
        #expect(
          layer.blockExtremes(of: reduced.network.layers[index].weight, atMost: limit)
            == mine.weight.blockExtremes(atMost: limit))
      }
    }
    return [apart(reduced.losses, whole.losses), weights, values]
  }

  /// The largest difference between elements of two lists.
  private func apart(_ first: [Double], _ second: [Double]) -> Double {
    zip(first, second).map { abs($0 - $1) }.max() ?? 0
  }

  private static let tableHeadings =
    "initializer,width,depth,bias,units,classes,losses,weights,singular values\n"

  @Test(arguments: InitializerCatalog.builtIn.names)
  func `training the reduced network is equivalent to training the whole network`(name: String)
    throws
  {
    let data = try noise()
    // Without biases the sums of Sinusoidal's weights cancel, so rounding decides whether a unit is
    // active.
    let biases = [nil, 0.01, -0.01].filter { name != "Sinusoidal" || $0 != nil }
    var table = Self.tableHeadings
    for (width, depth) in [(8, 1), (24, 2), (40, 1), (40, 3)] {
      for bias in biases {
        let plan = plan(name, width: width, depth: depth, bias: bias)
        let start: InitialNetwork<Double> = try plan.start(for: data)
        let quotient = NetworkQuotient(of: start)
        let network = "\(name),\(width),\(depth),\(bias.map { "\($0)" } ?? "none")"
        let found = try expectSame(
          try Trained(quotient.network, by: plan, on: data), of: quotient,
          as: try Trained(start.network, by: plan, on: data), network)
        let classes = quotient.network.layers.dropLast().reduce(0) { $0 + $1.weight.rows }
        let units = start.network.layers.dropLast().reduce(0) { $0 + $1.weight.rows }
        table += "\(network),\(units),\(classes),"
        table += found.map { String(format: "%.1e", $0) }.joined(separator: ",") + "\n"
      }
    }
    Attachment.record(table, named: "symmetry-\(name).csv")
  }

  @Test func `classes of units that are not identical give a different network`() throws {
    let data = try noise()
    let plan = plan("ZerO", width: 40, depth: 1, bias: 0.01)
    let start: InitialNetwork<Double> = try plan.start(for: data)
    let right = EquitablePartition(of: start)
    #expect(right.axes.map(\.count) == [12, 12, 20, 20, 4])
    // The first and second layer distinguish the first two units of the hidden levels.
    let wrong = EquitablePartition(
      graph: right.graph,
      axes: right.axes.enumerated().map { index, level in
        [2, 3].contains(index)
          ? UnitClasses(labels: level.classOfUnit.map { $0 == 1 ? 0 : $0 }) : level
      })
    let quotient = NetworkQuotient(of: start, by: wrong)
    let reduced = try Trained(quotient.network, by: plan, on: data)
    let whole = try Trained(start.network, by: plan, on: data)
    #expect(zip(reduced.losses, whole.losses).contains { abs($0 - $1) > 1e-3 })
  }

  @Test func `the copy distance measures how far identical units diverge`() throws {
    let plan = plan("ZerO", width: 40, depth: 1, bias: nil)
    let start: InitialNetwork<Double> = try plan.start(input: ValueShape(units: 12), classCount: 4)
    let partition = EquitablePartition(of: start)
    let classes = partition.axes[2]
    let unit = try #require((0..<40).first { classes.representative(of: $0) != $0 })
    let layer = NetworkQuotient(unreduced: start, classes: partition).weights[2]
    var weight = start.network.layers[2].weight
    #expect(layer.copyDistance(in: weight) == 0)
    weight[unit, 3] += 0.5
    #expect(layer.copyDistance(in: weight) == 0.5)
    weight[unit, 3] = .nan
    #expect(layer.copyDistance(in: weight)?.isNaN == true)
    #expect(NetworkQuotient(unreduced: start).weights[2].copyDistance(in: weight) == nil)
    let reduced = NetworkQuotient(of: start)
    var trained = reduced.network.layers[2].weight
    trained[0, 1] += 0.5
    #expect(reduced.weights[2].copyDistance(in: trained) == 0)
    trained[0, 1] = .nan
    #expect(reduced.weights[2].copyDistance(in: trained)?.isNaN == true)
    // Units are compared with the first unit of their class.
    var moved = start.network.layers[2].weight
    moved[try #require(classes.representative(of: unit)), 3] -= 0.25
    #expect(layer.copyDistance(in: moved) == 0.25)
  }

  @Test(arguments: InitializerCatalog.builtIn.names)
  func `expansion restores the initial network bit for bit`(name: String) throws {
    for bias in [nil, 0.01, -0.3] as [Double?] {
      let start: InitialNetwork<Float> = try plan(name, width: 173, depth: 2, bias: bias)
        .start(input: ValueShape(units: 12), classCount: 4)
      let quotient = NetworkQuotient(of: start)
      #expect(quotient.expanded(quotient.network) == start.network)
    }
  }

  @Test func `the map of a reduced layer equals that of the whole weight`() throws {
    // Wider than a map, with identical units within and across blocks, equal blocks, and changes of
    // both signs.
    for (name, width, inputs) in ["ZerO", "Partial_Identity", "OnE"].flatMap({
      [($0, 300, 97), ($0, 1024, 12)]
    }) {
      let start: InitialNetwork<Float> = try plan(name, width: width, depth: 1, bias: nil)
        .start(input: ValueShape(units: inputs), classCount: 4)
      let quotient = NetworkQuotient(of: start)
      var weight = quotient.network.layers[2].weight
      #expect(weight.rows < width)
      for i in 0..<weight.rows {
        for j in 0..<weight.columns {
          weight[i, j] += Float((7 * i + 13 * j) % 31 - 15) / 16
        }
      }
      let layer = quotient.weights[2]
      let whole = layer.expanded(weight)
      for limit in [1, 7, 64, width - 1, width] {
        #expect(
          layer.blockExtremes(of: weight, atMost: limit) == whole.blockExtremes(atMost: limit))
      }
    }
  }

  @Test(arguments: ["Random", "Orthogonal"])
  func `a network without identical units is its own quotient`(name: String) throws {
    let start: InitialNetwork<Float> = try plan(name, width: 24, depth: 2, bias: 0.01)
      .start(input: ValueShape(units: 12), classCount: 4)
    #expect(NetworkQuotient(of: start).network == start.network)
  }

  @Test(arguments: InitializerCatalog.builtIn.entries.map(\.name))
  func `identities are recognized before and after they are allocated`(name: String) throws {
    let initializer = try InitializerCatalog.builtIn.entry(named: name).initializer
    for size in 3...33 {
      var streams = RandomStreams(seed: 1)
      let shape = WeightShape(outputs: size, inputs: size)
      #expect(
        try initializer.weight(shape, using: &streams).isIdentity == initializer.isIdentity(shape))
    }
    for shape in [WeightShape(outputs: 8, inputs: 4), WeightShape(outputs: 4, inputs: 8)] {
      #expect(!initializer.isIdentity(shape))
    }
  }

  @Test(arguments: ["ZerO", "Partial_Identity", "OnE", "Spray", "ConstAvg"])
  func `identity layers can be left out of a partition`(name: String) throws {
    for (width, depth, bias) in [(8, 3, 0.01), (40, 2, nil), (40, 3, -0.01), (12, 1, 0.01)]
      as [(Int, Int, Double?)]
    {
      let start: InitialNetwork<Double> = try plan(name, width: width, depth: depth, bias: bias)
        .start(input: ValueShape(units: 12), classCount: 4)
      let live = (0..<12).map { $0 != 5 }
      #expect(
        EquitablePartition(of: start, nonzeroInputs: live)
          == EquitablePartition(of: start.network, nonzeroInputs: live))
    }
  }

  @Test func `a network too wide for memory has few classes`() throws {
    var plan = plan("Partial_Identity", width: 65_536, depth: 3, bias: 0.01)
    #expect(throws: PlanError.self) {
      let _: InitialNetwork<Float> = try plan.start(input: ValueShape(units: 4), classCount: 2)
    }
    plan.symmetry = .reduced
    let start: InitialNetwork<Float> = try plan.start(input: ValueShape(units: 4), classCount: 2)
    let quotient = NetworkQuotient(of: start)
    #expect(quotient.network.layers.map(\.weight.rows) == [4, 5, 5, 5, 5, 2])
    let weight = quotient.network.layers[2].weight
    let extremes = quotient.weights[2].blockExtremes(of: weight, atMost: 64)
    #expect(extremes == .identity(rows: 64, columns: 64))
  }
}
