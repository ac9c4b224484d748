// One whole step, forward to update, against PyTorch.

import Foundation
import TestSupport
import Testing
import ZerOInitializers
import ZerOLinearAlgebra
import ZerONetworks
import ZerOOptimizers
import ZerOParallelism
import ZerORandomness

@testable import ZerOTraining

@Suite struct TrainingStepTests {
  private let expected: TrainingStepGolden

  init() throws { expected = try golden("training_step") }

  private func wave(_ count: Int, _ phase: Int, _ scale: Double) -> ContiguousArray<Double> {
    ContiguousArray((0..<count).map { scale * sin(1.7 * Double($0) + Double(phase)) })
  }

  /// The network that the generator made.
  private func network<Scalar>() -> Network<Scalar> {
    let sizes = expected.sizes
    let layers = (0..<4).map { index in
      let (n, m) = (sizes[index], sizes[index + 1])
      let weight = Matrix(rows: m, columns: n, elements: wave(m * n, 10 * index, 0.6))
      return DenseLayer<Scalar>(
        weight: Matrix<Scalar>(weight),
        bias: ContiguousArray(wave(m, 10 * index + 5, 0.2).map { Scalar($0) }),
        activation: index == 3 ? .identity : .relu)
    }
    return Network(layers: layers)
  }

  /// The batch that the generator made.
  private func workspace<Scalar>(for network: Network<Scalar>) -> Workspace<Scalar> {
    var workspace = Workspace(for: network, samples: expected.samples)
    let inputs = Matrix(
      rows: expected.samples, columns: expected.sizes[0],
      elements: ContiguousArray(wave(expected.samples * expected.sizes[0], 3, 1).map { abs($0) }))
    workspace.activations[0] = Matrix<Scalar>(inputs.transposed)
    return workspace
  }

  /// The libraries that compute products on this machine.
  static let libraries = ProductLibrary.allCases.filter {
    $0 == .openBLAS || ProductLibrary.instructionSet != nil
  }

  private func trained<Scalar>(
    _ network: Network<Scalar>, _ samples: Int, _ library: ProductLibrary
  )
    -> NetworkInTraining<Scalar>
  {
    let trained = NetworkInTraining(
      network, optimizer: SGD(), batchSizes: [samples], products: library)
    #expect(trained.library == library)
    return trained
  }

  private func check<Scalar: MatrixScalar>(
    _: Scalar.Type, _ library: ProductLibrary, within tolerance: Tolerance
  ) {
    let start: Network<Scalar> = network()
    var workspace = workspace(for: start)
    let labels = ContiguousArray(expected.labels)
    let trained = trained(start, expected.samples, library)
    trained.forward(&workspace)
    expectClose(
      Matrix<Double>(workspace.logits.transposed).elements, expected.logits, within: tolerance,
      "logits")
    expectClose(
      workspace.computeLoss(labels: labels).mean, expected.loss, within: tolerance, "loss")
    trained.step(rate: expected.learningRate, number: 1, &workspace)
    let network = trained()
    for (index, layer) in network.layers.enumerated() {
      expectClose(
        Matrix<Double>(layer.weight).elements, expected.weights[index], within: tolerance,
        "l\(index + 1).weight")
      expectClose(
        (layer.bias ?? []).map { Double($0) }, expected.biases[index], within: tolerance,
        "l\(index + 1).bias")
    }
  }

  @Test(arguments: libraries)
  func `a step in double precision is PyTorch's`(library: ProductLibrary) {
    check(
      Double.self, library,
      within: Tolerance(
        relative: 1e-13, absolute: 1e-14, because: "sums of nine products in another order"))
  }

  @Test(arguments: libraries)
  func `a step in single precision is PyTorch's, rounded`(library: ProductLibrary) {
    check(
      Float.self, library,
      within: Tolerance(
        relative: 2e-6, absolute: 5e-7, because: "four layers of sums in single precision"))
  }

  @Test(arguments: [(127, 1), (128, 2), (1030, 3)], libraries)
  func `a step over blocks of rows is the step with gradients as matrices`(
    sizes: (width: Int, blocks: Int), library: ProductLibrary
  ) throws {
    let (width, blocks) = sizes
    #expect(Matrix<Double>.blockCount(rows: width) == blocks)
    var streams = RandomStreams(seed: 1)
    var network = try Network<Double>(
      Model.notebook(inputDimension: 9, width: width, classCount: 3).graph,
      initializer: InitializerCatalog.builtIn.entry(named: "Random").initializer, bias: 0.01,
      using: &streams)
    var workspace = Workspace(for: network, samples: 5)
    workspace.activations[0] = Matrix(rows: 9, columns: 5, elements: wave(45, 3, 1))
    network.forward(&workspace)
    _ = workspace.computeLoss(labels: [2, 0, 1, 1, 0])
    let deltas = naiveDeltas(
      of: network, activations: workspace.activations, last: workspace.gradients[3])
    let expected = naiveStep(
      network, deltas: deltas, activations: workspace.activations, rate: 0.5)

    let trained = trained(network, 5, library)
    trained.step(rate: 0.5, number: 1, &workspace)
    network = trained()
    let rounding = Tolerance(
      relative: 1e-12, absolute: 1e-14, because: "sums of a thousand products in another order")
    for (index, delta) in deltas.enumerated() {
      expectClose(workspace.gradients[index].elements, delta.elements, within: rounding)
    }
    for (mine, theirs) in zip(network.layers, expected.layers) {
      expectClose(mine.weight.elements, theirs.weight.elements, within: rounding)
      expectClose(mine.bias ?? [], theirs.bias ?? [], within: rounding)
    }
  }

  @Test func `a rate of zero changes nothing`() {
    let network: Network<Double> = network()
    var workspace = workspace(for: network)
    network.forward(&workspace)
    _ = workspace.computeLoss(labels: ContiguousArray(expected.labels))
    let trained = trained(network, expected.samples, .openBLAS)
    trained.step(rate: 0, number: 1, &workspace)
    #expect(trained() == network)
  }
}
