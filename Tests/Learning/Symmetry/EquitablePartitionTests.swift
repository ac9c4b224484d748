import Initializers
import LinearAlgebra
import Networks
import Parallelism
import Randomness
import Testing

@testable import Symmetry

/// The initial network of an initializer.
func initialNetwork<Scalar: MatrixScalar>(
  _ name: String, inputs: Int, width: Int, classes: Int, depth: Int = 1, bias: Scalar?,
  seed: UInt64 = 3
) throws -> Network<Scalar> {
  var streams = RandomStreams(seed: seed)
  return try Network(
    Architecture(inputDimension: inputs, width: width, classCount: classes, depth: depth),
    initializer: InitializerCatalog.entry(named: name).initializer, bias: bias, using: &streams)
}

@Suite struct EquitablePartitionTests {
  @Test(arguments: InitializerCatalog.names)
  func `every initializer has the classes that comparing all pairs finds`(name: String) throws {
    for (width, depth) in [(5, 1), (7, 2), (16, 1), (19, 1), (24, 2)] {
      for bias in [nil, 0.01, -0.01] as [Float?] {
        let network = try initialNetwork(
          name, inputs: 7, width: width, classes: 3, depth: depth, bias: bias)
        for liveInputs in [
          [Bool](repeating: true, count: 7), [false, true, true, false, false, true, true],
        ] {
          let expected = pairwiseClasses(of: network, liveInputs: liveInputs)
          let found = EquitablePartition(of: network, liveInputs: liveInputs)
          #expect(found.classes == expected, "\(width), \(depth), \(String(describing: bias))")
          // Signatures that tell nothing, or little, cost time and no truth.
          for mask in [0, 1, 6] as [UInt64] {
            let coarse = EquitablePartition(
              of: network, liveInputs: liveInputs, signatureMask: mask, team: .alone)
            #expect(coarse == found)
          }
        }
      }
    }
  }

  @Test func `only a rectified linear unit can be dead`() {
    // Neither unit is fed. Where the activation is the identity a bias moves, and its unit comes to life.
    for bias in [nil, [0, -1]] as [ContiguousArray<Float>?] {
      for (activation, dead) in [(.rectifiedLinear, 2), (.identity, 0)] as [(Activation, Int)] {
        let network = Network(layers: [
          DenseLayer(
            weight: Matrix<Float>(repeating: 0, rows: 2, columns: 2), bias: bias,
            activation: activation),
          DenseLayer(
            weight: Matrix(rows: 2, columns: 2, elements: [1, 2, 3, 4]), bias: nil,
            activation: .identity),
        ])
        #expect(EquitablePartition(of: network).levels[1].deadCount == dead)
      }
    }
  }

  @Test func `different biases, and weights in another order, are seen for what they are`() {
    // Units 0 and 1 have the same weights from inputs in another order: different inputs, so no copies.
    // Units 2 and 3 differ in their biases alone; 4 and 5 in the sign of a zero, which is no difference.
    let first = Matrix<Float>(
      rows: 6, columns: 2, elements: [1, 2, 2, 1, 3, 3, 3, 3, 0, 4, -0.0, 4])
    let network = Network(layers: [
      DenseLayer(
        weight: first, bias: [0.5, 0.5, 0.5, 0.25, 0.5, 0.5], activation: .rectifiedLinear),
      DenseLayer(
        weight: Matrix(repeating: 1, rows: 2, columns: 6), bias: nil, activation: .identity),
    ])
    let partition = EquitablePartition(of: network)
    #expect(partition.levels[1].classOfUnit == [0, 1, 2, 3, 4, 4])
    #expect(partition.levels[1].multiplicities == [1, 1, 1, 1, 2])
    #expect(partition.levels[1].representatives == [0, 1, 2, 3, 4])
    #expect(partition.rankCeiling(ofLayer: 0) == 2 && partition.rankCeiling(ofLayer: 1) == 2)
  }

  @Test func `weights to copies are a multiset, in whatever order`() {
    // Both units of the second level see the two copies below with weights 1 and 2, crosswise.
    let network = Network<Double>(layers: [
      DenseLayer(
        weight: Matrix(rows: 2, columns: 1, elements: [1, 1]), bias: nil,
        activation: .rectifiedLinear),
      DenseLayer(
        weight: Matrix(rows: 2, columns: 2, elements: [1, 2, 2, 1]), bias: nil,
        activation: .rectifiedLinear),
      DenseLayer(
        weight: Matrix(rows: 1, columns: 2, elements: [5, 5]), bias: nil, activation: .identity),
    ])
    #expect(EquitablePartition(of: network).levels.map(\.count) == [1, 1, 1, 1])
    var other = network
    other.layers[1].weight[1, 1] = 1.5
    #expect(EquitablePartition(of: other).levels.map(\.count) == [1, 2, 2, 1])
  }

  @Test func `equal sums are not looked for, so the bound need not be the lowest`() {
    // A magic square between two levels of identical units: rows and columns sum to 15, in different ways.
    let network = Network<Double>(layers: [
      DenseLayer(
        weight: Matrix(rows: 3, columns: 2, elements: [1, 2, 1, 2, 1, 2]), bias: nil,
        activation: .rectifiedLinear),
      DenseLayer(
        weight: Matrix(rows: 3, columns: 3, elements: [2, 7, 6, 9, 5, 1, 4, 3, 8]), bias: nil,
        activation: .rectifiedLinear),
      DenseLayer(
        weight: Matrix(rows: 1, columns: 3, elements: [1, 1, 1]), bias: nil, activation: .identity),
    ])
    #expect(EquitablePartition(of: network).rankCeiling(ofLayer: 1) == 3)
    // Equal activations below and equal gradients above, whatever the input: δ·hᵀ is a multiple of the matrix of ones.
    let activations = network.layers[0].weight * Matrix(rows: 2, columns: 1, elements: [3, 5])
    let gradients =
      network.layers[1].weight.transposed * network.layers[2].weight.transposed
    #expect(Set(activations.elements).count == 1 && Set(gradients.elements).count == 1)
  }

  @Test func `an identity with biases of its own parts the units below it`() {
    for (biases, classes) in [([0.5, 0.25], 2), ([0.5, 0.5], 1)] as [(ContiguousArray<Double>, Int)]
    {
      let network = Network<Double>(layers: [
        DenseLayer(
          weight: Matrix(rows: 2, columns: 1, elements: [1, 1]), bias: [0.5, 0.5],
          activation: .rectifiedLinear),
        DenseLayer(
          weight: .identity(rows: 2, columns: 2), bias: biases, activation: .rectifiedLinear),
        DenseLayer(
          weight: Matrix(rows: 1, columns: 2, elements: [3, 3]), bias: nil, activation: .identity),
      ])
      let initial = InitialNetwork(network)
      #expect(initial.layers[1].isIdentity)
      let found = EquitablePartition(of: initial)
      #expect(found == EquitablePartition(of: network))
      #expect(found.levels.map(\.count) == [1, classes, classes, 1])
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
  func `ceilings of MNIST's sizes`(name: String, width: Int, bias: Float?, expected: Int) throws {
    let network = try initialNetwork(name, inputs: 784, width: width, classes: 10, bias: bias)
    #expect(EquitablePartition(of: network).rankCeiling(ofLayer: 2) == expected)
  }

  @Test func `beyond the inputs, only copies of the first ten units come to them`() throws {
    // One class for each column in use, which is all of them, and one more for each of the first ten that has
    // copies: the last layer tells it from them.
    for name in ["OnE", "Spray"] {
      let network: Network<Float> = try initialNetwork(
        name, inputs: 784, width: 1024, classes: 10, bias: 0.01)
      let second = network.layers[1].weight
      let doubled = (0..<10).count { j in
        (784..<1024).contains { i in second[i, j] == second[j, j] }
      }
      let partition = EquitablePartition(of: network)
      #expect(partition.rankCeiling(ofLayer: 2) == 784 + doubled && doubled > 0)
    }
  }

  @Test func `dead inputs of an identity make dead units, and with a bias copies`() throws {
    let live = [false, false, true, true, true, false, true, true]
    let without: Network<Float> = try initialNetwork(
      "Partial_Identity", inputs: 8, width: 12, classes: 2, bias: nil)
    #expect(EquitablePartition(of: without, liveInputs: live).rankCeiling(ofLayer: 2) == 5)
    let with: Network<Float> = try initialNetwork(
      "Partial_Identity", inputs: 8, width: 12, classes: 2, bias: 0.01)
    // Five inputs, the first two units, which the last layer tells apart, the third dead input's unit, and
    // the four units beyond the inputs.
    let partition = EquitablePartition(of: with, liveInputs: live)
    #expect(partition.rankCeiling(ofLayer: 2) == 5 + 2 + 1 + 1)
    #expect(partition.levels[0].deadCount == 3)
  }

  @Test func `the team and the precision make no difference`() async throws {
    for name in InitializerCatalog.names {
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
