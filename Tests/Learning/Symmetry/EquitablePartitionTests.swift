import Testing
import ZerOInitializers
import ZerOLinearAlgebra
import ZerONetworks
import ZerOParallelism
import ZerORandomness

@testable import ZerOSymmetry

/// Makes the initial network of an initializer.
func initialNetwork<Scalar: MatrixScalar>(
  _ name: String, inputs: Int, width: Int, classes: Int, depth: Int = 1, bias: Scalar?,
  seed: UInt64 = 3
) throws -> Network<Scalar> {
  var streams = RandomStreams(seed: seed)
  return try Network(
    Model.notebook(
      inputDimension: inputs, width: width, classCount: classes, depth: depth, hasBias: bias != nil
    ).graph,
    initializer: InitializerCatalog.builtIn.entry(named: name).initializer, bias: bias ?? 0,
    using: &streams)
}

extension NetworkQuotient {
  /// The weights, in the order of the layers.
  var weights: [ParameterQuotient<Scalar>] { graph.weights.map { parameters[$0] } }
}

@Suite struct EquitablePartitionTests {
  @Test(arguments: InitializerCatalog.builtIn.names)
  func `the classes of every initializer equal those of a comparison of all pairs`(name: String)
    throws
  {
    for (width, depth) in [(5, 1), (7, 2), (16, 1), (19, 1), (24, 2)] {
      for bias in [nil, 0.01, -0.01] as [Float?] {
        let network = try initialNetwork(
          name, inputs: 7, width: width, classes: 3, depth: depth, bias: bias)
        for nonzeroInputs in [
          [Bool](repeating: true, count: 7), [false, true, true, false, false, true, true],
        ] {
          let expected = pairwiseClasses(of: network, nonzeroInputs: nonzeroInputs)
          let found = EquitablePartition(of: network, nonzeroInputs: nonzeroInputs)
          #expect(found.classes == expected, "\(width), \(depth), \(String(describing: bias))")
          // Signatures with few bits cost time but do not change the result.
          for mask in [0, 1, 6] as [UInt64] {
            let coarse = EquitablePartition(
              of: network, nonzeroInputs: nonzeroInputs, signatureMask: mask, team: .alone)
            #expect(coarse == found)
          }
        }
      }
    }
  }

  @Test func `only a ReLU unit can be dead`() {
    // Neither unit has an input. With the identity as activation, the bias changes and the unit
    // becomes active.
    for bias in [nil, [0, -1]] as [ContiguousArray<Float>?] {
      for (activation, dead) in [(.relu, 2), (.identity, 0)] as [(Activation, Int)] {
        let network = Network(layers: [
          DenseLayer(
            weight: Matrix<Float>(repeating: 0, rows: 2, columns: 2), bias: bias,
            activation: activation),
          DenseLayer(
            weight: Matrix(rows: 2, columns: 2, elements: [1, 2, 3, 4]), bias: nil,
            activation: .identity),
        ])
        #expect(EquitablePartition(of: network).axes[1].deadCount == dead)
      }
    }
  }

  @Test func `biases matter, and so does which input a weight belongs to`() {
    // Units 0 and 1 have the same weights, but from different inputs, so they are not identical.
    // Units 2 and 3 differ only in their biases; 4 and 5 only in the sign of a zero, which does not
    // matter.
    let first = Matrix<Float>(
      rows: 6, columns: 2, elements: [1, 2, 2, 1, 3, 3, 3, 3, 0, 4, -0.0, 4])
    let network = Network(layers: [
      DenseLayer(
        weight: first, bias: [0.5, 0.5, 0.5, 0.25, 0.5, 0.5], activation: .relu),
      DenseLayer(
        weight: Matrix(repeating: 1, rows: 2, columns: 6), bias: nil, activation: .identity),
    ])
    let partition = EquitablePartition(of: network)
    #expect(partition.axes[1].classOfUnit == [0, 1, 2, 3, 4, 4])
    #expect(partition.axes[1].multiplicities == [1, 1, 1, 1, 2])
    #expect(partition.axes[1].representatives == [0, 1, 2, 3, 4])
    #expect(partition.layerCeilings[0].ceiling == 2 && partition.layerCeilings[1].ceiling == 2)
  }

  @Test func `weights from identical units are compared as a multiset`() {
    // Both units of the second level read the two identical units with weights 1 and 2, in
    // different order.
    let network = Network<Double>(layers: [
      DenseLayer(
        weight: Matrix(rows: 2, columns: 1, elements: [1, 1]), bias: nil,
        activation: .relu),
      DenseLayer(
        weight: Matrix(rows: 2, columns: 2, elements: [1, 2, 2, 1]), bias: nil,
        activation: .relu),
      DenseLayer(
        weight: Matrix(rows: 1, columns: 2, elements: [5, 5]), bias: nil, activation: .identity),
    ])
    #expect(EquitablePartition(of: network).axes.map(\.count) == [1, 1, 1, 1])
    var other = network
    other.layers[1].weight[1, 1] = 1.5
    #expect(EquitablePartition(of: other).axes.map(\.count) == [1, 2, 2, 1])
  }

  @Test func `equal sums are not recognized, so the bound need not be the lowest`() {
    // A magic square between two levels of identical units: rows and columns have equal sums, but
    // different elements.
    let network = Network<Double>(layers: [
      DenseLayer(
        weight: Matrix(rows: 3, columns: 2, elements: [1, 2, 1, 2, 1, 2]), bias: nil,
        activation: .relu),
      DenseLayer(
        weight: Matrix(rows: 3, columns: 3, elements: [2, 7, 6, 9, 5, 1, 4, 3, 8]), bias: nil,
        activation: .relu),
      DenseLayer(
        weight: Matrix(rows: 1, columns: 3, elements: [1, 1, 1]), bias: nil, activation: .identity),
    ])
    #expect(EquitablePartition(of: network).layerCeilings[1].ceiling == 3)
    // Equal activations below and equal gradients above for any input: δ·hᵀ is a multiple of the
    // all-ones matrix.
    let activations = network.layers[0].weight * Matrix(rows: 2, columns: 1, elements: [3, 5])
    let gradients =
      network.layers[1].weight.transposed * network.layers[2].weight.transposed
    #expect(Set(activations.elements).count == 1 && Set(gradients.elements).count == 1)
  }

  @Test func `an identity with different biases splits the level below it`() {
    for (biases, classes) in [([0.5, 0.25], 2), ([0.5, 0.5], 1)] as [(ContiguousArray<Double>, Int)]
    {
      let network = Network<Double>(layers: [
        DenseLayer(
          weight: Matrix(rows: 2, columns: 1, elements: [1, 1]), bias: [0.5, 0.5],
          activation: .relu),
        DenseLayer(
          weight: .identity(rows: 2, columns: 2), bias: biases, activation: .relu),
        DenseLayer(
          weight: Matrix(rows: 1, columns: 2, elements: [3, 3]), bias: nil, activation: .identity),
      ])
      let initial = InitialNetwork(network)
      #expect(initial.parameters[initial.graph.weights[1]].isIdentity)
      let found = EquitablePartition(of: initial)
      #expect(found == EquitablePartition(of: network))
      #expect(found.axes.map(\.count) == [1, classes, classes, 1])
    }
  }

  @Test(
    arguments: [
      ("ZerO", 2048, 0.01, 1034), ("ZerO", 2048, nil, 1034), ("ZerO", 1024, 0.01, 1024),
      ("Partial_Identity", 1024, 0.01, 785), ("Partial_Identity", 1024, nil, 784),
      ("Partial_Identity", 256, 0.01, 256), ("Random", 300, 0.01, 300),
      ("IDInit", 1024, 0.01, 794), ("ConstAvg", 1024, nil, 1), ("Zeros", 1024, 0.01, 1),
      ("Zeros", 1024, nil, 0),
    ] as [(String, Int, Float?, Int)])
  func `ceilings of networks for MNIST`(name: String, width: Int, bias: Float?, expected: Int)
    throws
  {
    let network = try initialNetwork(name, inputs: 784, width: width, classes: 10, bias: bias)
    #expect(EquitablePartition(of: network).layerCeilings[2].ceiling == expected)
  }

  @Test func `only units identical to the first ten add classes beyond the inputs`() throws {
    // All columns are in use, with one class each. The last layer distinguishes the first ten
    // units, so each of them that has identical units adds one class.
    for name in ["OnE", "Spray"] {
      let network: Network<Float> = try initialNetwork(
        name, inputs: 784, width: 1024, classes: 10, bias: 0.01)
      let second = network.layers[1].weight
      let doubled = (0..<10).count { j in
        (784..<1024).contains { i in second[i, j] == second[j, j] }
      }
      let partition = EquitablePartition(of: network)
      #expect(partition.layerCeilings[2].ceiling == 784 + doubled && doubled > 0)
    }
  }

  @Test func `dead inputs of an identity make dead units, or identical ones with a bias`() throws {
    let live = [false, false, true, true, true, false, true, true]
    let without: Network<Float> = try initialNetwork(
      "Partial_Identity", inputs: 8, width: 12, classes: 2, bias: nil)
    #expect(EquitablePartition(of: without, nonzeroInputs: live).layerCeilings[2].ceiling == 5)
    let with: Network<Float> = try initialNetwork(
      "Partial_Identity", inputs: 8, width: 12, classes: 2, bias: 0.01)
    // Five inputs; the first two units, which the last layer distinguishes; the unit of the third
    // dead input; the four units beyond the inputs.
    let partition = EquitablePartition(of: with, nonzeroInputs: live)
    #expect(partition.layerCeilings[2].ceiling == 5 + 2 + 1 + 1)
    #expect(partition.axes[0].deadCount == 3)
  }

  @Test func `logits are neither dead nor merged, also after a ReLU`() {
    let layer = DenseLayer<Double>(
      weight: Matrix(repeating: 0, rows: 3, columns: 3), bias: nil, activation: .relu)
    let partition = EquitablePartition(of: Network(layers: [layer, layer]))
    #expect(partition.axes[2].count == 3 && partition.axes[2].deadCount == 0)
    #expect(partition.axes[1].deadCount == 3)
  }

  @Test func `the result does not depend on threads or precision`() async throws {
    for name in InitializerCatalog.builtIn.names {
      let network: Network<Float> = try initialNetwork(
        name, inputs: 100, width: 300, classes: 4, bias: 0.01)
      let alone = EquitablePartition(of: network)
      let shared = try await WorkerPool(threads: 3).run { team in
        EquitablePartition(of: network, team: team)
      }
      #expect(shared == alone)
      let double = Network(
        layers: network.layers.map { layer in
          DenseLayer(
            weight: Matrix<Double>(layer.weight),
            bias: layer.bias.map { ContiguousArray($0.map { Double($0) }) },
            activation: layer.activation)
        })
      #expect(EquitablePartition(of: double) == alone)
    }
  }
}
