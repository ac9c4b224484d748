// Deterministic initializers with closed formulas, compared with NumPy and with known properties.

import TestSupport
import Testing
import ZerOInitializers
import ZerOLinearAlgebra
import ZerORandomness

@Suite struct DeterministicRuleTests {
  private let singlePrecision = Tolerance(
    relative: 1e-7, absolute: 1e-14, because: "single precision; angles rounded in NumPy")

  private func weight(_ rule: any Initializer, _ m: Int, _ n: Int) throws -> Matrix<Double> {
    var streams = RandomStreams(seed: 0)
    return Matrix(try rule.weight(WeightShape(outputs: m, inputs: n), using: &streams))
  }

  @Test func `every weight is NumPy's`() throws {
    let expectations = try golden("initial_weights", as: InitialWeightsGolden.self).weights
    #expect(Set(expectations.map(\.name)).count == 6)
    for expected in expectations {
      let rule = try InitializerCatalog.builtIn.entry(named: expected.name).initializer
      expectClose(
        try weight(rule, expected.shape[0], expected.shape[1]).elements, expected.values,
        within: singlePrecision, "\(expected.name) \(expected.shape)")
    }
  }

  @Test(arguments: [(10, 4), (9, 9), (8, 4), (4, 10), (5, 1)])
  func `IDInit's singular values are the roots of the column counts`(m: Int, n: Int) throws {
    let counts = (0..<n).map { j in (0..<m).count { $0 % n == j } }.prefix(m)  // 10 × 4: 3, 3, 2, 2
    expectClose(
      try weight(IDInit(.identity), m, n).singularValues(),
      counts.map { Double($0).squareRoot() },
      within: Tolerance(relative: 1e-14, because: "rounding of a decomposition in double"))
  }

  @Test func `IDInit has n distinct rows, and OnE's ones are elsewhere`() throws {
    let weight = try weight(IDInit(.identity), 30, 7)
    #expect(Set((0..<30).map { i in (0..<7).map { weight[i, $0] } }).count == 7)
    #expect(try weight != self.weight(OnE(), 30, 7))
  }

  @Test(arguments: [(10, 4), (6, 6), (4, 10), (4, 5)])
  func `the rows of a branch end sum to zero`(m: Int, n: Int) throws {
    let weight = try weight(IDInit(.branchEnd), m, n)
    #expect(weight.rowSums().allSatisfy { $0 == 0 })
    #expect(weight.elements.count { abs($0) == Double(Float(1e-6)) } == 2 * m)
    #expect(weight.elements.count { $0 == 0 } == m * n - 2 * m)
    let rank = try weight.singularValues().count { $0 > 1e-9 }
    #expect(rank == (m >= n ? n - 1 : m))
  }

  @Test func `the first row of a sinusoidal 3 by 5 weight`() throws {
    expectClose(
      try weight(Sinusoidal(), 3, 5).elements.prefix(5),
      [0.591608, -0.142031, -0.679388, -0.277854, 0.507665],
      within: Tolerance(absolute: 5.1e-7, because: "the golden values have six decimals"))
  }

  @Test(arguments: [(784, 391), (785, 392), (64, 31), (63, 31), (3, 1)])
  func `a square sinusoidal weight has half rank, with a clear margin`(
    n: Int, rank: Int
  ) throws {
    let weight = try weight(Sinusoidal(), n, n)
    // Every column has a negative counterpart or is zero, bit for bit.
    for i in 0..<n {
      for j in 0..<n - 1 where weight[i, j] != -weight[i, n - 2 - j] {
        Issue.record("row \(i): \(weight[i, j]) and \(weight[i, n - 2 - j])")
      }
      if weight[i, n - 1] != 0 { Issue.record("row \(i) ends with \(weight[i, n - 1])") }
    }
    let values = try weight.singularValues()
    #expect(values.count { $0 > 1e-4 } == rank)
    #expect(values[rank - 1] > 1 && values[rank] < 1e-12, "\(values[rank - 1]), \(values[rank])")
  }

  @Test(arguments: [(784, 785, 784), (65, 64, 64), (128, 64, 32), (32, 64, 31)])
  func `other sinusoidal shapes lose rank only at simple ratios`(m: Int, n: Int, rank: Int) throws {
    #expect(try weight(Sinusoidal(), m, n).singularValues().count { $0 > 1e-4 } == rank)
  }

  @Test func `sinusoidal weights have Xavier's variance`() throws {
    for shape in everySmallShape where max(shape.outputs, shape.inputs) > 2 {
      let values = try weight(Sinusoidal(), shape.outputs, shape.inputs).elements
      let count = Double(values.count)
      let mean = values.reduce(0, +) / count
      expectClose(
        values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1),
        2 / Double(shape.outputs + shape.inputs),
        within: Tolerance(relative: 1e-6, because: "elements rounded to single precision"))
    }
  }

  @Test(arguments: [(1, 1), (2, 1), (1, 2), (2, 2)])
  func `shapes whose sines are all zero are rejected, larger ones are not`(m: Int, n: Int) throws {
    let shape = WeightShape(outputs: m, inputs: n)
    #expect(throws: InitializationError.sinusoidalWithoutVariance(shape)) {
      try weight(Sinusoidal(), m, n)
    }
    let text = InitializationError.sinusoidalWithoutVariance(shape).description
    #expect(text.contains("\(m)x\(n)") && text.contains("at least 3"))
    #expect(try weight(Sinusoidal(), 3, n).elements.contains { $0 != 0 })
    #expect(try weight(Sinusoidal(), m, 3).elements.contains { $0 != 0 })
  }

  @Test func `a branch end with one input is rejected, the identity is not`() throws {
    let shape = WeightShape(outputs: 3, inputs: 1)
    #expect(throws: InitializationError.branchEndOfOneInput(shape)) {
      try weight(IDInit(.branchEnd), 3, 1)
    }
    #expect(
      InitializationError.branchEndOfOneInput(shape).description.contains("at least 2 inputs"))
    #expect(try weight(IDInit(.identity), 3, 1).elements == [1, 1, 1])
  }

  @Test(arguments: [(1, 1), (9, 5), (5, 9), (16, 16), (1, 7), (100, 784), (1024, 784)])
  func `all singular values of DCT are 1, unless a row is scaled`(m: Int, n: Int) throws {
    var weight = try weight(DCT(), m, n)
    let ones = Array(repeating: 1.0, count: min(m, n))
    let rounding = Tolerance(absolute: 1e-6, because: "elements rounded to single precision")
    expectClose(try weight.singularValues(), ones, within: rounding)
    for j in 0..<n { weight[0, j] *= 2.0.squareRoot() }
    #expect(try weight.singularValues()[0] > 1.0001)
  }

  @Test func `equal inputs activate only one unit of DCT`() throws {
    let sums = try weight(DCT(), 6, 9).rowSums()
    expectClose(sums, [3, 0, 0, 0, 0, 0], within: Tolerance(absolute: 1e-6, because: "as above"))
  }

  @Test(arguments: [(9, 5), (5, 9), (1, 1)])
  func `constant averages have rank 1, zeros have rank 0`(m: Int, n: Int) throws {
    let average = try weight(ConstAvg(), m, n)
    #expect(Set(average.elements) == [Double(1 / Float(n))])
    let values = try average.singularValues()
    expectClose(values[0], (Double(m) / Double(n)).squareRoot(), within: singlePrecision)
    #expect(values.dropFirst().allSatisfy { $0 < 1e-12 })
    #expect(try weight(Zeros(), m, n) == Matrix(repeating: 0, rows: m, columns: n))
  }
}
