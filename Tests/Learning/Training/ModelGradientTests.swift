// Gradients of whole models against finite differences, and updates of every optimizer against updates of explicit gradients.

import TestSupport
import Testing
import ZerOInitializers
import ZerOLinearAlgebra
import ZerONetworks
import ZerOOptimizers
import ZerORandomness

@testable import ZerOTraining

@Suite struct ModelGradientTests {
  private let labels: ContiguousArray<UInt8> = [2, 0, 1, 2, 2]

  /// Central differences with step h err by h² times a third derivative, about 1e-9 here, and by
  /// ε/h of rounding, about 1e-11.
  private let centralDifference = Tolerance(
    relative: 1e-5, absolute: 1e-8, because: "error of a central difference with h = 1e-5")

  /// A choice of model.
  struct Choice: Sendable, CustomStringConvertible {
    var activation = Activation.relu
    var norm = ModelNormalization.none
    var isResidual = false
    var family = "mlp"
    var input = ValueShape(units: 4)

    var description: String {
      "\(family), \(activation), norm \(norm), \(isResidual ? "residual" : "plain")"
    }

    static let all: [Choice] =
      Activation.allCases.flatMap { activation in
        [.none, .layer, .rms].flatMap { norm in
          [false, true].map { Choice(activation: activation, norm: norm, isResidual: $0) }
        }
      } + convolutional

    /// Images of two channels whose sizes the strides do not divide.
    static let convolutional: [Choice] =
      ["resnet", "cnn"].flatMap { family in
        let choices: [(Activation, ModelNormalization)] = [
          (.tanh, .batch), (.gelu, .group), (.silu, .layer), (.tanh, .none), (.relu, .batch),
        ]
        return choices.map {
          Choice(
            activation: $0.0, norm: $0.1, family: family,
            input: ValueShape(units: 2, height: 7, width: 6))
        }
      }
      + [(Activation.tanh, ModelNormalization.batch), (.relu, .none)].map {
        // Bottlenecks, and a pooling whose windows overlap.
        Choice(
          activation: $0.0, norm: $0.1, family: "imagenet_resnet50",
          input: ValueShape(units: 2, height: 13, width: 10))
      }
  }

  /// A model with weights and constants without symmetry.
  private func network(_ choice: Choice, width: Int = 7) throws -> Network<Double> {
    var settings = ModelSettings(
      input: choice.input, width: width, classCount: 3, depth: choice.family == "mlp" ? 2 : 1)
    if choice.family != "mlp" { (settings.blocks, settings.widths) = ([1, 1], [8, 16]) }
    if choice.family == "imagenet_resnet50" { settings.widths = [3, 4] }
    settings.activation = choice.activation
    settings.norm = choice.norm
    settings.isResidual = choice.isResidual
    let graph = try #require(ModelFamily.named(choice.family)).model(settings).graph
    var streams = RandomStreams(seed: 5)
    var network = try Network<Double>(
      graph, initializer: TorchDistribution(.kaiming, .normal), bias: 0.05, using: &streams)
    for (index, parameter) in graph.parameters.enumerated() where parameter.role != .weight {
      let start = network.parameters[index]
      network.parameters[index] = Matrix(rows: start.rows, columns: 1) { i, _ in
        start[i, 0] + 0.1 * (Double((5 * i + index) % 7) / 7 - 0.4)
      }
    }
    return network
  }

  private func workspace(for network: Network<Double>) -> Workspace<Double> {
    var workspace = Workspace(for: network, samples: labels.count)
    workspace.activations[0] = Matrix(rows: network.graph.inputs, columns: labels.count) { i, j in
      Double((11 * i + 7 * j) % 13) / 13
    }
    return workspace
  }

  private func loss(_ network: Network<Double>, smoothing: Double) -> Double {
    var workspace = workspace(for: network)
    // A batch of the training, whose own statistics normalize it.
    NetworkInTraining(network, optimizer: SGD(), batchSizes: [labels.count]).forward(&workspace)
    return workspace.computeLoss(labels: labels, smoothing: smoothing).mean
  }

  /// The gradient of every parameter: the difference that an update by SGD makes at a learning rate of 1.
  private func gradients(
    _ network: Network<Double>, _ library: ProductLibrary = .openBLAS, smoothing: Double = 0
  ) -> [Matrix<Double>] {
    let trained = NetworkInTraining(
      network, optimizer: SGD(), batchSizes: [labels.count], products: library)
    #expect(trained.library == library)
    var workspace = workspace(for: network)
    trained.forward(&workspace)
    _ = workspace.computeLoss(labels: labels, smoothing: smoothing)
    trained.step(rate: 1, number: 1, &workspace)
    return zip(network.parameters, trained().parameters).map { before, after in
      Matrix(rows: before.rows, columns: before.columns) { before[$0, $1] - after[$0, $1] }
    }
  }

  @Test(arguments: Choice.all, TrainingStepTests.libraries)
  func `every gradient is that of the loss`(choice: Choice, library: ProductLibrary) throws {
    let network = try network(choice)
    let gradients = gradients(network, library, smoothing: 0.1)
    let h = 1e-5
    for (index, parameter) in network.graph.parameters.enumerated() where parameter.role.isTrained {
      // Every third element of a weight, in both precisions of the cost of this test.
      for i in 0..<parameter.rows {
        for j in 0..<parameter.columns
        where parameter.columns == 1 || (i + j) % (choice.family == "mlp" ? 3 : 17) == 0 {
          var (up, down) = (network, network)
          up.parameters[index][i, j] += h
          down.parameters[index][i, j] -= h
          expectClose(
            gradients[index][i, j],
            (loss(up, smoothing: 0.1) - loss(down, smoothing: 0.1)) / (2 * h),
            within: centralDifference, "\(parameter.name)[\(i), \(j)] of \(choice)")
        }
      }
    }
  }

  @Test(
    arguments: [
      SGD(weightDecay: 0.1), SGD(momentum: 0.9), SGD(momentum: 0.9, isNesterov: true),
      SGD(momentum: 0.9, weightDecay: 0.1), Adam(), Adam(weightDecay: 0.1),
      Adam(weightDecay: 0.1, isDecoupled: true),
    ] as [any Optimizer], TrainingStepTests.libraries)
  func `updates are those of the optimizer with explicit gradients`(
    optimizer: any Optimizer, library: ProductLibrary
  ) throws {
    for clip in [nil, 0.2, 100] as [Double?] {
      let start = try network(Choice(norm: .layer, isResidual: true), width: 130)
      let trained = NetworkInTraining(
        start, optimizer: optimizer, batchSizes: [labels.count], products: library)
      var expected = start
      var states = start.parameters.map {
        ContiguousArray<Double>(
          repeating: 0, count: optimizer.stateNames.count * $0.elements.count)
      }
      for update in 1...4 {
        let rate = 0.05 / Double(update)
        var workspace = workspace(for: start)
        trained.forward(&workspace)
        _ = workspace.computeLoss(labels: labels)
        trained.step(rate: rate, number: update, clip: clip, &workspace)

        var all = gradients(expected)
        let norm = all.flatMap(\.elements).reduce(0) { $0 + $1 * $1 }.squareRoot()
        if let clip {
          #expect((norm > clip) == (clip < 1), "clipping is tested on both sides")
          let factor = min(1, clip / (norm + 1e-6))
          all = all.map { gradient in
            Matrix(rows: gradient.rows, columns: gradient.columns) { factor * gradient[$0, $1] }
          }
        }
        for index in all.indices {
          unsafe expected.parameters[index].update(by: all[index], states: &states[index]) {
            elements in
            unsafe optimizer.update(elements, rate: rate, number: update)
          }
        }
      }
      // Adam divides gradients near 0 by their own magnitude, so rounding is amplified there.
      let tolerance = Tolerance(
        relative: 1e-7, absolute: 1e-9,
        because: "four updates in another order of sums, amplified by Adam")
      for (index, matrix) in trained().parameters.enumerated() {
        expectClose(
          matrix.elements, expected.parameters[index].elements, within: tolerance,
          start.graph.parameters[index].name)
      }
      let found = trained.states
      for (state, name) in optimizer.stateNames.enumerated() {
        for (index, expected) in states.enumerated() {
          let count = start.parameters[index].elements.count
          expectClose(
            found[name]?[index].elements ?? [], expected[state * count..<(state + 1) * count],
            within: tolerance, "\(name) of \(start.graph.parameters[index].name)")
        }
      }
    }
  }

  @Test(
    arguments: [SGD(), SGD(momentum: 0.9), Adam()] as [any Optimizer], TrainingStepTests.libraries)
  func `keeping the network before an update changes no bit`(
    optimizer: any Optimizer, library: ProductLibrary
  ) throws {
    let start = try network(Choice(norm: .rms), width: 130)
    func trained(keeping: Bool) -> NetworkInTraining<Double> {
      let trained = NetworkInTraining(
        start, optimizer: optimizer, batchSizes: [labels.count], products: library)
      for update in 1...4 {
        var workspace = workspace(for: start)
        trained.forward(&workspace)
        _ = workspace.computeLoss(labels: labels)
        if keeping { trained.keepPrevious() }
        trained.step(rate: 0.01, number: update, &workspace)
      }
      return trained
    }
    let (with, without) = (trained(keeping: true), trained(keeping: false))
    #expect(with() == without() && with.states == without.states)
    #expect(with.previous != nil && with.previous != with() && without.previous == nil)
  }

  @Test(arguments: TrainingStepTests.libraries)
  func `states that are read and loaded continue bit for bit`(library: ProductLibrary) throws {
    let start = try network(Choice(norm: .rms), width: 70)
    func step(_ trained: NetworkInTraining<Double>, _ updates: ClosedRange<Int>) {
      for update in updates {
        var workspace = workspace(for: start)
        trained.forward(&workspace)
        _ = workspace.computeLoss(labels: labels)
        trained.step(rate: 0.01, number: update, &workspace)
      }
    }
    func made(_ network: Network<Double>) -> NetworkInTraining<Double> {
      NetworkInTraining(
        network, optimizer: Adam(), batchSizes: [labels.count], products: library)
    }
    let whole = made(start)
    step(whole, 1...6)
    let first = made(start)
    step(first, 1...3)
    let second = made(first())
    second.load(first.states)
    step(second, 4...6)
    #expect(second() == whole())
    // The negative control: without states the weights differ.
    let without = made(first())
    step(without, 4...6)
    #expect(without() != whole())
  }
}
