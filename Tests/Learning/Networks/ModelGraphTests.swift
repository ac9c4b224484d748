import TestSupport
import Testing
import ZerOLinearAlgebra
import ZerOParallelism

@testable import ZerONetworks

@Suite struct ModelGraphTests {
  private func model(_ change: (inout ModelSettings) -> Void) throws -> Model {
    var settings = ModelSettings(input: ValueShape(units: 4), width: 6, classCount: 3, depth: 4)
    change(&settings)
    return try #require(ModelFamily.named("mlp")).model(settings)
  }

  @Test func `names and shapes are those of PyTorch's modules`() throws {
    let model = try model { ($0.isResidual, $0.norm, $0.hasBias) = (true, .layer, false) }
    #expect(
      model.graph.parameters.map { "\($0.name) \($0.shape)" } == [
        "l1.weight [4, 4]", "l2.weight [6, 4]",
        "blocks.0.norm.weight [6]", "blocks.0.norm.bias [6]",
        "blocks.0.first.weight [6, 6]", "blocks.0.last.weight [6, 6]",
        "blocks.1.norm.weight [6]", "blocks.1.norm.bias [6]",
        "blocks.1.first.weight [6, 6]", "blocks.1.last.weight [6, 6]",
        "norm.weight [6]", "norm.bias [6]", "head.weight [3, 6]",
      ])
    #expect(
      model.measured == [
        "blocks.0.first.weight", "blocks.0.last.weight", "blocks.1.first.weight",
        "blocks.1.last.weight",
      ])
  }

  @Test func `a residual stream is one axis`() throws {
    let graph = try model { $0.isResidual = true }.graph
    func axes(_ name: String) throws -> [Int] {
      graph.axes(of: graph.parameters[try #require(graph.index(ofParameter: name))])
    }
    let stream = try axes("l2.weight")[0]
    for block in 0...1 {
      let first = try axes("blocks.\(block).first.weight")
      #expect(first[1] == stream && first[0] != stream)
      #expect(try axes("blocks.\(block).last.weight") == [stream, first[0]])
    }
    #expect(try axes("head.weight")[1] == stream)
    // Inputs, l1, the stream, the inside of two blocks, and the logits.
    #expect(graph.axisCount == 6)
    #expect(Set(graph.axes) == Set(0..<6))
    // The negative control: without additions every layer has an axis of its own.
    #expect(try model { _ in }.graph.axisCount == 8)
  }

  @Test
  func `a depthwise convolution keeps its units, and other convolutions in groups have no classes`()
    throws
  {
    func graph(_ inputs: Int, _ convolution: Convolutional) -> ModelGraph {
      var graph = ModelGraph(of: ValueShape(units: 3, height: 5, width: 4))
      graph.append("conv", Convolutional(outputs: inputs, kernel: 3))
      graph.append("groups", convolution)
      return graph
    }
    for stride in [1, 2] {
      let depthwise = graph(
        4, Convolutional(outputs: 4, kernel: 3, stride: stride, groups: 4, hasBias: true))
      #expect(depthwise.axes == [0, 1, 1] && depthwise.supportsPartition)
      #expect(depthwise.shapes[2].height == (stride == 1 ? 5 : 3))
      #expect(depthwise.parameters.map(\.shape) == [[4, 3, 3, 3], [4, 1, 3, 3], [4]])
      #expect(depthwise.parameters.map { depthwise.axes(of: $0) } == [[1, 0], [1], [1]])
      // A single remaining channel still is one channel of a depthwise convolution.
      for count in [3, 1] {
        let resized = depthwise.resized(to: [3, count], multiplicities: [:])
        #expect(resized.axes == depthwise.axes)
        #expect((resized.nodes[1].operation as? Convolutional)?.groups == count)
        #expect(resized.parameters.map(\.shape) == [[count, 3, 3, 3], [count, 1, 3, 3], [count]])
      }
    }
    // Several inputs per group, several outputs per group, or both; and one group.
    for (inputs, outputs, groups) in [(8, 4, 4), (4, 8, 4), (4, 4, 2), (4, 4, 1), (1, 1, 1)] {
      let other = graph(inputs, Convolutional(outputs: outputs, kernel: 3, groups: groups))
      #expect(other.axes == [0, 1, 2] && other.supportsPartition == (groups == 1))
    }
  }

  @Test
  func
    `an activation shares the buffer of the layer below only if its derivative follows from its output`()
    throws
  {
    #expect(GraphFlow(try model { _ in }.graph).features == [4, 4, 6, 6, 6, 6, 6, 3])
    #expect(
      GraphFlow(try model { $0.activation = .silu }.graph).features
        == [4] + [4, 4] + [6, 6] + [Int](repeating: 6, count: 8) + [3])
    // An activation of a value that others read too is a step of its own; that of a normalization is not.
    var graph = ModelGraph(inputs: 2)
    let first = graph.append("l1", Dense(outputs: 2, hasBias: false))
    let active = graph.append("f1", Activation.relu)
    graph.append("sum", Addition(), of: [first, active])
    graph.append("n", Normalization(.rms))
    graph.append("f2", Activation.relu)
    #expect(GraphFlow(graph).features == [2, 2, 2, 2, 2])
  }

  @Test func `settings that no model can have are errors`() throws {
    #expect(throws: ModelError.oddDepth(3)) {
      try model { ($0.isResidual, $0.depth) = (true, 3) }
    }
    #expect(throws: ModelError.normalizesOneUnit("rms")) {
      try model { ($0.norm, $0.width) = (.rms, 1) }
    }
  }

  @Test func `normalizations are those of the definitions`() throws {
    let x = Matrix<Double>(rows: 5, columns: 3) { Double((3 * $0 + 5 * $1) % 7) - 2 }
    let gain = Matrix<Double>(rows: 5, columns: 1) { i, _ in 1 + 0.1 * Double(i) }
    let shift = Matrix<Double>(rows: 5, columns: 1) { i, _ in 0.3 - 0.2 * Double(i) }
    // Row 2 twice, so that it counts twice.
    let twice: [Int] = [0, 1, 2, 2, 3, 4]
    for kind in Normalization.Kind.allCases {
      for multiplicities in [nil, ContiguousArray<Double>([1, 1, 2, 1, 1])] {
        var y = Matrix<Double>(repeating: .nan, rows: 5, columns: 3)
        _ = Normalization(kind).forward(
          OperationPass(
            inputs: [x], parameters: kind == .layer ? [gain, shift] : [gain],
            shapes: [ValueShape(units: 5)], multiplicities: multiplicities),
          into: &y, finish: { _ in })
        for sample in 0..<3 {
          let units = multiplicities == nil ? [0, 1, 2, 3, 4] : twice
          let values = units.map { x[$0, sample] }
          let count = Double(values.count)
          let mean = kind == .layer ? values.reduce(0, +) / count : 0
          let square = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
          let root = (square + (kind == .layer ? 1e-5 : Double.ulpOfOne)).squareRoot()
          expectClose(
            (0..<5).map { y[$0, sample] },
            (0..<5).map {
              gain[$0, 0] * (x[$0, sample] - mean) / root + (kind == .layer ? shift[$0, 0] : 0)
            }, within: Tolerance(relative: 1e-13, absolute: 1e-14, because: "a few roundings"),
            "\(kind), \(String(describing: multiplicities))")
        }
      }
    }
  }

  @Test(
    arguments: [
      ("resnet", 3, 3), ("resnet", 5, 9), ("imagenet_resnet50", 2, 5), ("cnn", 3, 8), ("cnn", 1, 2),
    ])
  func `images that are too small are refused with the smallest size that is not`(
    family: String, stages: Int, smallest: Int
  ) throws {
    func model(_ size: Int) throws -> Model {
      var settings = ModelSettings(
        input: ValueShape(units: 1, height: size, width: size + 1), width: 4, classCount: 2)
      settings.blocks = Array(repeating: 1, count: stages)
      return try #require(ModelFamily.named(family)).model(settings)
    }
    #expect(throws: Never.self) { try model(smallest) }
    let error = #expect(throws: ModelError.self) { try model(smallest - 1) }
    let text = try #require(error?.description)
    #expect(
      text.hasSuffix("use at least \(smallest) x \(smallest) pixels, or fewer stages (--blocks)"))
  }
}
