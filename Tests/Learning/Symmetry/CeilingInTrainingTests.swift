import TestSupport
import Testing
import ZerODatasets
import ZerOInitializers
import ZerOLinearAlgebra
import ZerONetworks
import ZerOSpectra
import ZerOSymmetry
import ZerOTraining

/// Ceilings, compared with training in double precision.
@Suite struct CeilingInTrainingTests {
  private static let updates = 100

  /// A network before and after training.
  private struct Trained {
    let start: Network<Double>
    let end: Network<Double>

    init(_ name: String, width: Int, depth: Int = 1, bias: Double? = 0.01, on data: Dataset) throws
    {
      var plan = TrainingPlan(initializer: name, width: width)
      plan.depth = depth
      plan.bias = bias
      plan.batchSize = 10
      plan.modelSeed = 3
      plan.epochs = CeilingInTrainingTests.updates / 20
      start = try plan.initialNetwork(for: data)
      var network = start
      try train(&network, by: plan, on: data) { _, _, _ in }
      end = network
    }

    func change(_ layer: Int) -> Matrix<Double> {
      var change = end.layers[layer].weight
      change.subtract(start.layers[layer].weight)
      return change
    }

    /// The number of singular values above 1e-9 · σ₁; those caused by rounding are at most about
    /// 1e-13.
    func rank(_ layer: Int) throws -> Int {
      let values = try change(layer).singularValues()
      return NumericalRank(singularValues: values, tolerance: 1e-9 * (values.first ?? 0)).rank
    }
  }

  @Test(arguments: InitializerCatalog.builtIn.names)
  func `no initializer exceeds its ceiling, and identical units stay identical`(name: String) throws
  {
    let data = try noise()
    let live = data.train.nonzeroInputs
    #expect(live == (0..<12).map { $0 != 5 })
    for (width, depth) in [(16, 1), (24, 2), (40, 1), (40, 2)] {
      for bias in [nil, 0.01] as [Double?] {
        let trained = try Trained(name, width: width, depth: depth, bias: bias, on: data)
        for nonzeroInputs in [nil, live] as [[Bool]?] {
          let partition = EquitablePartition(of: trained.start, nonzeroInputs: nonzeroInputs)
          for layer in trained.start.layers.indices {
            let rank = try trained.rank(layer)
            #expect(
              rank <= partition.layerCeilings[layer].ceiling,
              "layer \(layer) of \(width), \(depth), \(String(describing: bias))")
            expectBlocks(
              trained.change(layer), partition.axes[layer], partition.axes[layer + 1])
          }
        }
      }
    }
  }

  /// Expects a change to be constant on each block of two classes, and 0 at dead units.
  private func expectBlocks(_ change: Matrix<Double>, _ below: UnitClasses, _ above: UnitClasses) {
    var largest = 0.0
    for i in 0..<change.rows {
      for j in 0..<change.columns {
        if let k = above.representative(of: i), let l = below.representative(of: j) {
          largest = max(largest, abs(change[i, j] - change[k, l]))
        } else {
          #expect(change[i, j] == 0, "a dead unit's weight")
        }
      }
    }
    expectClose(
      largest, 0, within: Tolerance(absolute: 1e-12, because: "rounding of \(Self.updates) updates")
    )
  }

  @Test(
    arguments: [
      ("ZerO", 40, 0.01, 20), ("Partial_Identity", 24, nil, 11), ("Partial_Identity", 24, 0.01, 13),
      ("Partial_Identity", 40, 0.01, 13), ("OnE", 40, 0.01, 16),
    ] as [(String, Int, Double?, Int)])
  func `ceilings are reached`(name: String, width: Int, bias: Double?, expected: Int) throws {
    let data = try noise()
    let trained = try Trained(name, width: width, bias: bias, on: data)
    let partition = EquitablePartition(of: trained.start, nonzeroInputs: data.train.nonzeroInputs)
    #expect(partition.layerCeilings[2].ceiling == expected)
    #expect(try trained.rank(2) == expected)
  }

  @Test func `without the last layer a ceiling would be too low`() throws {
    // The negative control: the last layer distinguishes some identical pairs, so they must
    // diverge.
    let data = try noise()
    let trained = try Trained("ZerO", width: 40, on: data)
    var blind = trained.start
    let last = blind.layers.count - 1
    blind.layers[last].weight = Matrix(repeating: 1, rows: 4, columns: 40)
    let partition = EquitablePartition(of: blind)
    #expect(partition.layerCeilings[2].ceiling == 16)
    #expect(try trained.rank(2) > 16)
  }
}
