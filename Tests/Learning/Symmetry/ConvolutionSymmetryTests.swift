// Ceilings and symmetry reduction of convolutional and residual networks.

import Foundation
import TestSupport
import Testing
import ZerODatasets
import ZerOInitializers
import ZerOLinearAlgebra
import ZerONetworks
import ZerOOptimizers
import ZerORandomness
import ZerOSpectra
import ZerOTraining

@testable import ZerOSymmetry

@Suite struct ConvolutionSymmetryTests {
  /// Family, activation and norm: all operations of convolutional networks together.
  static let models: [(String, Activation, ModelNormalization)] = [
    ("resnet", .relu, .batch), ("resnet", .gelu, .layer), ("resnet", .tanh, .none),
    ("resnet", .gelu, .group), ("cnn", .relu, .batch), ("cnn", .relu, .none),
  ]

  /// 96 random images of two channels and 5 × 4 pixels in three classes.
  private func images() throws -> Dataset {
    var state: UInt32 = 1
    func next(below limit: Int) -> UInt8 {
      state = state &* 1_664_525 &+ 1_013_904_223
      return UInt8(Int(state >> 8) % limit)
    }
    func set(_ count: Int) throws -> LabeledImages {
      try LabeledImages(
        size: [5, 4], channels: 2,
        pixels: ContiguousArray((0..<count * 40).map { _ in next(below: 256) }),
        labels: ContiguousArray((0..<count).map { $0 < 3 ? UInt8($0) : next(below: 3) }))
    }
    return try Dataset(name: "noise", train: set(96), test: set(6))
  }

  @Test func `the classes of random models equal those of a refinement without hashes`() {
    var found: Set<Int> = []
    for seed in 0..<2000 {
      let model = randomModel(seed)
      let partition = EquitablePartition(of: model)
      let expected = naiveClasses(of: model)
      for (value, axis) in model.graph.axes.enumerated() {
        #expect(
          partition.axes[axis].classOfUnit == expected[value], "value \(value), model \(seed)")
        found.insert(partition.axes[axis].unitCount - partition.axes[axis].count)
      }
    }
    // The models have units that are identical, and others that are not.
    #expect(found.isSuperset(of: [0, 1, 2, 3]))
  }

  @Test(
    arguments: ["resnet", "resnet50", "imagenet_resnet50"], [ModelNormalization.batch, .group])
  func `the classes of residual networks equal those of a refinement without hashes`(
    family: String, norm: ModelNormalization
  ) throws {
    var plan = TrainingPlan(initializer: "ZerO", width: 16)
    (plan.model, plan.norm, plan.blocks) = (family, norm, ["2", "1"])
    plan.widths = ["8", "16"]
    let start: InitialNetwork<Double> = try plan.start(
      input: ValueShape(units: 1, height: 9, width: 8), classCount: 2)
    let partition = EquitablePartition(of: start)
    let expected = naiveClasses(of: start)
    for (value, axis) in start.graph.axes.enumerated() {
      #expect(partition.axes[axis].classOfUnit == expected[value], "value \(value)")
    }
    #expect(partition.axes.contains { $0.count < $0.unitCount })
  }

  @Test func `random values in a weight give the classes of the network with such values`() {
    var count = 0
    for seed in 0..<300 {
      let model = randomModel(seed)
      let partition = EquitablePartition(of: model)
      for weight in model.graph.weights {
        var parameters = model.parameters
        let (rows, columns) = (
          model.graph.parameters[weight].rows, model.graph.parameters[weight].columns
        )
        parameters[weight] = .matrix(
          Matrix(rows: rows, columns: columns) { i, j in Double((i * columns + j) * 37 % 1009 + 2) }
        )
        let expected = EquitablePartition(
          of: InitialNetwork(graph: model.graph, parameters: parameters))
        let found = partition.withRandomWeight(
          weight, in: model,
          nonzeroInputs: [Bool](repeating: true, count: model.graph.inputs))
        #expect(found == expected, "weight \(weight) of model \(seed)")
        if found != partition { count += 1 }
      }
    }
    #expect(count > 100, "most weights split classes: \(count)")
  }

  /// Dead units, which random values revive, and identities between layers, which are no edges.
  @Test(arguments: ["ZerO", "Partial_Identity", "ConstAvg"], [nil, 0.01] as [Double?])
  func `random values in a weight of a perceptron give the classes of a network with such values`(
    name: String, bias: Double?
  ) throws {
    let live = [false, true, true, false, true]
    let network: Network<Double> = try initialNetwork(
      name, inputs: 5, width: 12, classes: 2, depth: 3, bias: bias)
    let start = InitialNetwork(network)
    let partition = EquitablePartition(of: start, nonzeroInputs: live)
    for weight in start.graph.weights {
      var parameters = start.parameters
      let (rows, columns) = (
        start.graph.parameters[weight].rows, start.graph.parameters[weight].columns
      )
      parameters[weight] = .matrix(
        Matrix(rows: rows, columns: columns) { i, j in Double((i * columns + j) * 37 % 1009 + 2) })
      let expected = EquitablePartition(
        of: InitialNetwork(graph: start.graph, parameters: parameters), nonzeroInputs: live)
      #expect(
        partition.withRandomWeight(weight, in: start, nonzeroInputs: live) == expected,
        "weight \(weight)")
    }
  }

  @Test func `the number of labels decides how many channels of a residual network differ`() throws
  {
    var plan = TrainingPlan(initializer: "ZerO", width: 16)
    (plan.model, plan.norm) = ("resnet20", .batch)
    for (classes, expected) in [(10, [16, 17, 27]), (2, [3, 4, 6])] {
      let start: InitialNetwork<Float> = try plan.start(
        input: ValueShape(units: 1, height: 28, width: 28), classCount: classes)
      let partition = EquitablePartition(of: start)
      let ends = (1...3).compactMap { stage in
        start.graph.index(ofParameter: "layer\(stage).2.conv2.weight")
      }
      #expect(ends.map { partition.classes(ofParameter: $0).above.count } == expected)
    }
  }

  private func plan(
    _ initializer: String, _ model: (String, Activation, ModelNormalization),
    _ rule: ModelSymmetryTests.Rule
  ) -> TrainingPlan {
    var plan = TrainingPlan(initializer: initializer, width: 16)
    plan.model = model.0
    (plan.activation, plan.norm) = (model.1, model.2)
    // A group normalization has eight groups, and splits all classes of fewer channels.
    plan.blocks = ["2", "1"]
    plan.widths = model.2 == .group ? ["32", "64"] : ["12", "24"]
    plan.batchSize = 16
    plan.measureEvery = 1
    plan.modelSeed = 3
    rule.apply(&plan)
    return plan
  }

  private func trained(
    _ start: Network<Double>, by plan: TrainingPlan, on data: Dataset
  ) throws -> (network: Network<Double>, losses: [Double]) {
    try firstUpdates(3, of: start, by: plan, on: data)
  }

  @Test func `classes without regard to groups of channels give another network`() throws {
    let data = try images()
    let plan = plan("ZerO", ("resnet", .gelu, .group), ModelSymmetryTests.Rule.all[0])
    var other = plan
    other.norm = .layer
    let start: InitialNetwork<Double> = try plan.start(for: data)
    let withoutGroups: InitialNetwork<Double> = try other.start(for: data)
    let coarse = EquitablePartition(of: withoutGroups)
    let right = try trained(start.network, by: plan, on: data)
    let wrong = try trained(
      NetworkQuotient(of: start, by: coarse).network, by: plan, on: data)
    #expect(zip(right.losses, wrong.losses).contains { abs($0 - $1) > 1e-5 })
    let counts = [EquitablePartition(of: start), coarse].map { $0.axes.map(\.count).reduce(0, +) }
    #expect(counts[0] > counts[1], "groups split classes: \(counts)")
  }

  @Test func `wrong multiplicities of channels give another network`() throws {
    let data = try images()
    for model in Self.models {
      let plan = plan("ZerO", model, ModelSymmetryTests.Rule.all[0])
      let start: InitialNetwork<Double> = try plan.start(for: data)
      let quotient = NetworkQuotient(of: start)
      var graph = quotient.graph
      let axis = try #require(graph.multiplicities.keys.min())
      graph.multiplicities[axis] = graph.multiplicities[axis].map {
        ContiguousArray($0.map { $0 + 1 })
      }
      let right = try trained(quotient.network, by: plan, on: data)
      let wrong = try trained(
        Network(graph: graph, parameters: quotient.network.parameters), by: plan, on: data)
      #expect(zip(right.losses, wrong.losses).contains { abs($0 - $1) > 1e-5 }, "\(model)")
    }
  }

  @Test(arguments: ModelSymmetryTests.Rule.all, ["ZerO", "Partial_Identity", "ConstAvg"])
  func `training the distinct channels is training all of them`(
    rule: ModelSymmetryTests.Rule, name: String
  ) throws {
    let data = try images()
    let tolerance = Tolerance(
      relative: 1e-12, absolute: rule.isAdaptive ? 1e-5 : 1e-8,
      because:
        "rounding, in weights of up to 1e8 where a network diverges; batch norm after a zero convolution, and adaptive rules, amplify it"
    )
    var table = SymmetryTable()
    // In dense training each group adds its channels in another order, and OpenBLAS adds those of one convolution in different
    // orders. Group and batch normalization of zeros amplify that, and Adam divides small gradients by themselves, so the identical
    // channels of the dense network part within three updates.
    let partsAtOnce = rule.isAdaptive && name != "ConstAvg"
    let parting: Set<ModelNormalization> =
      ProductLibrary.current == .openBLAS ? [.group, .batch] : [.group]
    for model in Self.models where !partsAtOnce || !parting.contains(model.2) {
      let plan = plan(name, model, rule)
      let what = "\(model.0) \(model.1.rawValue) \(model.2.rawValue)"
      let start: InitialNetwork<Double> = try plan.start(for: data)
      let quotient = NetworkQuotient(of: start)
      let whole = try trained(start.network, by: plan, on: data)
      let reduced = try trained(quotient.network, by: plan, on: data)
      let factor = try #require(
        plan.startFactor(after: 3, sampleCount: data.train.count, in: Double.self))
      let expanded = quotient.expanded(reduced.network, startFactor: factor)
      expectClose(reduced.losses, whole.losses, within: tolerance, "losses of \(what)")
      for (index, parameter) in start.graph.parameters.enumerated() {
        expectClose(
          expanded.parameters[index].elements, whole.network.parameters[index].elements,
          within: tolerance, "\(parameter.name) of \(what)")
      }
      #expect(quotient.graph.parameterCount < start.graph.parameterCount, "\(what)")
      try table.add(
        [what, "\(rule)", name], quotient, whole: whole,
        reduced: (expanded, reduced.losses))
    }
    Attachment.record(table.text, named: "models-convolutions-\(name)-\(rule).csv")
  }

  /// A model with mean pooling: the largest of several values that only rounding tells apart depends on rounding.
  @Test(arguments: ["ZerO", "Partial_Identity", "ConstAvg"])
  func `a normalization before pooling and flattening weighs channels by their copies`(name: String)
    throws
  {
    var graph = ModelGraph(of: ValueShape(units: 2, height: 5, width: 4))
    for (index, outputs) in [12, 24].enumerated() {
      graph.append("conv\(index)", Convolutional(outputs: outputs, kernel: 3, hasBias: true))
      graph.append("norm\(index)", Normalization(.layer))
      graph.append("f\(index)", Activation.silu)
      graph.append("pool\(index)", Pooling(.mean, size: 2))
    }
    graph.append("flatten", Flattening())
    graph.append("fc", Dense(outputs: 3, hasBias: true))
    var streams = RandomStreams(seed: 3)
    let initializer = try InitializerCatalog.builtIn.entry(named: name).initializer
    let start = try InitialNetwork<Double>(
      graph, initializer: { _ in initializer }, bias: 0.01, using: &streams)
    let quotient = NetworkQuotient(of: start)
    let images = try images().train
    func updated(_ network: Network<Double>) -> Network<Double> {
      let trained = NetworkInTraining(network, optimizer: SGD(), batchSizes: [16])
      var workspace = Workspace(for: network, samples: 16)
      var augmentation: Augmentation?
      for number in 1...3 {
        images.copyBatch(
          ArraySlice(0..<16), into: &workspace.activations[0],
          by: PixelConversion(isInterleaved: true), &augmentation)
        trained.forward(&workspace)
        _ = workspace.computeLoss(labels: ContiguousArray(images.labels[0..<16]))
        trained.step(rate: 0.1, number: number, &workspace)
      }
      return trained()
    }
    let (whole, reduced) = (updated(start.network), quotient.expanded(updated(quotient.network)))
    for (index, parameter) in graph.parameters.enumerated() {
      expectClose(
        reduced.parameters[index].elements, whole.parameters[index].elements,
        within: Tolerance(absolute: 1e-10, because: "rounding"), parameter.name)
    }
    #expect(quotient.graph.parameterCount < start.graph.parameterCount)
  }
}
