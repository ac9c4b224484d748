// Quantities of a batch in a layer, against sums over the elements of explicit matrices.

import TestSupport
import Testing
import ZerOInitializers
import ZerOLinearAlgebra
import ZerOMeasurements
import ZerONetworks
import ZerOOptimizers
import ZerOParallelism
import ZerORandomness
import ZerOSpectra
import ZerOSymmetry
import ZerOTraining

@Suite struct SignalQuantityTests {
  @Test(arguments: [Activation.relu, .gelu])
  func `norms and proportions are those of explicit matrices`(activation: Activation) throws {
    var settings = ModelSettings(input: ValueShape(units: 5), width: 8, classCount: 3, depth: 2)
    settings.activation = activation
    let graph = try #require(ModelFamily.named("mlp")).model(settings).graph
    var streams = RandomStreams(seed: 4)
    let start = try Network<Double>(
      graph, initializer: TorchDistribution(.kaiming, .normal), bias: -0.2, using: &streams)
    let trained = NetworkInTraining(
      start, optimizer: SGD(), batchSizes: [6], products: .openBLAS)
    var workspace = Workspace(for: start, samples: 6)
    workspace.activations[0] = Matrix(rows: 5, columns: 6) { Double((3 * $0 + 7 * $1) % 11) / 11 }
    trained.forward(&workspace)
    _ = workspace.computeLoss(labels: [0, 1, 2, 2, 1, 0])
    trained.step(rate: 0.5, number: 1, &workspace)
    let now = trained()

    let names = [
      "activation_norm", "activation_variance", "dead_units", "gradient_norm", "update_norm",
      "feature_rank",
    ]
    let observation = try Observation(names, from: start)
    let values = try observation.values(
      of: now, batches: observation.batches(workspace, network: now, previous: start))
    let rounding = Tolerance(relative: 1e-12, absolute: 1e-14, because: "sums in another order")

    // The outputs of l3, layer by layer.
    var a = workspace.activations[0]
    for layer in start.layers.prefix(3) {
      var z = layer.weight * a
      let bias = layer.bias ?? []
      z.writeRows { block in
        block.addToEachColumn(bias)
        activation.apply(to: block)
      }
      a = z
    }
    let squares = a.elements.reduce(0) { $0 + $1 * $1 }
    let mean = a.elements.reduce(0, +) / 48
    let dead = (0..<8).filter { unit in (0..<6).allSatisfy { a[unit, $0] <= 0 } }.count
    func value(_ name: String) throws -> Double {
      try #require(values[name]?["l3.weight"])
    }
    expectClose(try value("activation_norm"), (squares / 6).squareRoot(), within: rounding)
    expectClose(try value("activation_variance"), squares / 48 - mean * mean, within: rounding)
    expectClose(try value("dead_units"), Double(dead) / 8, within: rounding)
    let singular = try a.deduplicatedSingularValues(.alone)
    let largest = try #require(singular.max())
    #expect(try value("feature_rank") == Double(singular.count { $0 > 1e-4 * largest }))
    #expect(activation == .gelu || dead > 0, "the test has dead units")
    // An update by SGD is the gradient times the learning rate.
    var change = now.layers[2].weight
    change.subtract(start.layers[2].weight)
    let norm = change.elements.reduce(0) { $0 + $1 * $1 }.squareRoot()
    expectClose(try value("update_norm"), norm, within: rounding)
    expectClose(
      try value("gradient_norm"), norm / 0.5,
      within: Tolerance(relative: 1e-10, because: "the difference of rounded weights"))
    #expect(values["update_norm"]?.keys.sorted() == ["l3.weight", "l4.weight"])
  }

  @Test func `signals of a convolution are those of its normalized and active outputs`() throws {
    var settings = ModelSettings(
      input: ValueShape(units: 1, height: 6, width: 6), width: 4, classCount: 3)
    (settings.blocks, settings.norm) = ([1], .batch)
    let graph = try #require(ModelFamily.named("resnet")).model(settings).graph
    var streams = RandomStreams(seed: 4)
    let start = try Network<Double>(
      graph, initializer: TorchDistribution(.kaiming, .normal), using: &streams)
    let trained = NetworkInTraining(start, optimizer: SGD(), batchSizes: [5])
    var workspace = Workspace(for: start, samples: 5)
    workspace.activations[0] = Matrix(rows: 36, columns: 5) { Double((3 * $0 + 7 * $1) % 11) / 11 }
    trained.forward(&workspace)
    _ = workspace.computeLoss(labels: [0, 1, 2, 2, 1])
    trained.step(rate: 0.5, number: 1, &workspace)
    let name = "conv1.weight"
    let names = ["activation_norm", "dead_units", "gradient_norm", "update_norm", "feature_rank"]
    let observation = try Observation(names, of: [name], from: start)
    let now = trained()
    let values = try observation.values(
      of: now,
      batches: observation.batches(
        workspace, network: now, previous: start, gradients: trained.otherGradients)
    ).compactMapValues { $0[name] }
    // Batch normalization makes the mean square of a channel 1, and ReLU keeps a part of it.
    let outputs = workspace.activations[2]
    #expect(outputs.rows == 4 * 36 && outputs.elements.allSatisfy { $0 >= 0 })
    let rounding = Tolerance(relative: 1e-10, because: "sums in another order")
    expectClose(
      try #require(values["activation_norm"]),
      (outputs.elements.reduce(0) { $0 + $1 * $1 } / 5).squareRoot(), within: rounding)
    expectClose(
      try #require(values["update_norm"]), 0.5 * (try #require(values["gradient_norm"])),
      within: rounding)
    #expect(values["dead_units"] == 0 && values["feature_rank"] == 4)
  }

  @Test func `quantities of a depthwise convolution's distinct channels are those of all channels`()
    throws
  {
    var graph = ModelGraph(of: ValueShape(units: 1, height: 4, width: 3))
    graph.append("conv", Convolutional(outputs: 6, kernel: 3))
    graph.append("depthwise", Convolutional(outputs: 6, kernel: 3, groups: 6, hasBias: true))
    graph.append("f", Activation.gelu)
    graph.append("pool", Pooling(.mean))
    graph.append("fc", Dense(outputs: 3, hasBias: false))
    // Channels 0 to 3 form classes of two, and channels 4 and 5 are different.
    let parameters = graph.parameters.enumerated().map { index, parameter in
      Matrix<Double>(rows: parameter.rows, columns: parameter.columns) { row, column in
        let i = parameter.rows == 6 && row < 4 ? row % 2 : row
        let j = parameter.columns == 6 && column < 4 ? column % 2 : column
        let value = 7 * i + 5 * j + 3 * index + i * j
        return Double(value % 11) / 11 - 0.4
      }
    }
    let start = Network(graph: graph, parameters: parameters)
    let quotient = NetworkQuotient(of: InitialNetwork(start))
    let name = "depthwise.weight"
    let names = [
      "activation_norm", "activation_variance", "dead_units", "gradient_norm", "update_norm",
      "feature_rank", "rank", "rank_from_start", "tap_rank", "separate_units", "copy_distance",
      "frobenius_norm_from_start",
    ]
    func values(_ network: Network<Double>, _ observation: Observation<Double>) throws -> [Double] {
      let trained = NetworkInTraining(network, optimizer: SGD(), batchSizes: [5])
      var workspace = Workspace(for: network, samples: 5)
      workspace.activations[0] = Matrix(rows: 12, columns: 5) {
        Double((3 * $0 + 7 * $1 + $0 * $1) % 11) / 11
      }
      trained.forward(&workspace)
      _ = workspace.computeLoss(labels: [0, 1, 2, 2, 1])
      trained.step(rate: 0.5, number: 1, &workspace)
      let now = trained()
      let found = try observation.values(
        of: now,
        batches: observation.batches(
          workspace, network: now, previous: network, gradients: trained.otherGradients))
      return try names.map { try #require(found[$0]?[name], "\($0)") }
    }
    #expect(quotient.network.parameters.map(\.rows) == [4, 4, 4, 3])
    expectClose(
      try values(quotient.network, Observation(names, of: [name], from: quotient)),
      try values(start, Observation(names, of: [name], from: start)),
      within: Tolerance(relative: 1e-12, absolute: 1e-13, because: "sums in another order"))
  }

  @Test func `the norm of a product is that of its elements, for few and for many samples`() {
    for samples in [3, 200] {
      let delta = Matrix<Double>(rows: 70, columns: samples) { Double((7 * $0 + 3 * $1) % 13) - 6 }
      let x = Matrix<Double>(rows: 9, columns: samples) { Double((5 * $0 + 2 * $1) % 11) - 5 }
      for weights in [nil, ContiguousArray((0..<70).map { Double($0 % 3 + 1) })] {
        let columns = weights.map { ContiguousArray($0.prefix(9)) }
        let product = delta * x.transposed
        var sum = 0.0
        for i in 0..<70 {
          for j in 0..<9 {
            sum += (weights?[i] ?? 1) * (columns?[j] ?? 1) * product[i, j] * product[i, j]
          }
        }
        expectClose(
          squaredNormOfProduct(delta, x, rows: weights, columns: columns), sum,
          within: Tolerance(relative: 1e-12, because: "sums in another order"))
      }
    }
  }

  @Test func `before training there is no batch`() throws {
    var streams = RandomStreams(seed: 4)
    let start = try Network<Double>(
      Model.notebook(inputDimension: 5, width: 8, classCount: 3).graph,
      initializer: ZerO(scale: .code),
      using: &streams)
    #expect(
      try Observation(["gradient_norm"], from: start).values(of: start)["gradient_norm"] == [:])
  }
}
