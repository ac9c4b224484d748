import Testing
import ZerOInitializers
import ZerOLinearAlgebra
import ZerONetworks
import ZerORandomness

@Suite struct NetworkTests {
  @Test func `the default model is that of the reference notebook`() {
    let model = Model.notebook(inputDimension: 784, width: 256, classCount: 10)
    let parameters = model.graph.parameters
    #expect(
      parameters.map(\.name)
        == (1...4).flatMap { ["l\($0).weight", "l\($0).bias"] })
    #expect(
      parameters.filter { $0.role == .weight }.map(\.shape)
        == [[784, 784], [256, 784], [256, 256], [10, 256]])
    #expect(model.measured == ["l3.weight"])
    let name = LayerName("l3")
    #expect([name.description, name.weight, name.bias] == ["l3", "l3.weight", "l3.bias"])
  }

  @Test func `the operations of an update are those of its products`() {
    let graph = Model.notebook(inputDimension: 3, width: 4, classCount: 2, depth: 2).graph
    let samples = 5
    var operations = 0
    for (index, weight) in graph.weights.enumerated() {
      for _ in 0..<graph.parameters[weight].rows {
        for _ in 0..<graph.parameters[weight].columns {
          for _ in 0..<samples {
            operations += 2  // a product and a sum of z = W·x
            operations += 2  // of δ·xᵀ
            if index > 0 { operations += 2 }  // of Wᵀ·δ
          }
        }
      }
    }
    #expect(graph.operationsPerSample * Double(samples) == Double(operations))
  }

  @Test func `random weights follow the draws of PyTorch's default initialization`() throws {
    let shapes = [(5, 5), (7, 5), (7, 7), (3, 7)].map { WeightShape(outputs: $0, inputs: $1) }
    for bias in [nil, Float(0.01)] {
      var streams = RandomStreams(seed: 2)
      let network = try Network(
        Model.notebook(inputDimension: 5, width: 7, classCount: 3, hasBias: bias != nil).graph,
        initializer: TorchDistribution(.kaiming, .normal), bias: bias ?? 0, using: &streams)
      var expected = RandomStreams(seed: 2)
      expected.torch.skip(
        shapes.map { $0.outputs * $0.inputs + (bias == nil ? 0 : $0.outputs) }.reduce(0, +))
      for (layer, shape) in zip(network.layers, shapes) {
        #expect(
          try layer.weight == TorchDistribution(.kaiming, .normal).weight(shape, using: &expected))
        #expect(layer.bias == bias.map { ContiguousArray(repeating: $0, count: shape.outputs) })
      }
    }
  }

  @Test func `a network of partial identities outputs its first pixels`() throws {
    var streams = RandomStreams(seed: 0)
    let network = try Network<Float>(
      Model.notebook(inputDimension: 4, width: 9, classCount: 2, hasBias: false).graph,
      initializer: PartialIdentity(), using: &streams)
    var workspace = Workspace(for: network, samples: 3)
    workspace.activations[0] = Matrix(rows: 4, columns: 3) { Float(3 * $0 + $1) / 11 }
    let pixels = workspace.activations[0]
    network.forward(&workspace)
    #expect(workspace.logits == Matrix(rows: 2, columns: 3) { pixels[$0, $1] })
  }

  @Test func `an initializer that is undefined for a layer throws`() {
    var streams = RandomStreams(seed: 0)
    #expect(throws: InitializationError.self) {
      try Network<Float>(
        Model.notebook(inputDimension: 4, width: 1, classCount: 2, hasBias: false).graph,
        initializer: Spray(), using: &streams)
    }
  }
}
