import TestSupport
import Testing
import ZerOInitializers
import ZerOLinearAlgebra
import ZerORandomness

@Suite struct TorchDistributionTests {
  @Test func `every weight equals PyTorch's for a seed`() throws {
    // Orthogonal weights contain the rounding of PyTorch's single-precision factorization.
    let rounding = Tolerance(
      relative: 1e-6, absolute: 1e-6, because: "last places of single-precision functions")
    let expectations = try golden("random_streams", as: RandomStreamsGolden.self).initialWeights
    #expect(Set(expectations.map(\.name)).count == 5)
    for expected in expectations {
      var streams = RandomStreams(seed: expected.seed)
      let weight = try InitializerCatalog.builtIn.entry(named: expected.name).initializer.weight(
        WeightShape(outputs: expected.shape[0], inputs: expected.shape[1]), using: &streams)
      expectClose(
        weight.elements.map { Double($0) }, expected.values, within: rounding,
        "\(expected.name) \(expected.shape)")
    }
  }

  @Test(arguments: ["Random", "KaimingUniform", "XavierNormal", "XavierUniform"])
  func `mean and variance match the formula`(name: String) throws {
    var streams = RandomStreams(seed: 1)
    let shape = WeightShape(outputs: 500, inputs: 400)
    let weight = try InitializerCatalog.builtIn.entry(named: name).initializer.weight(
      shape, using: &streams)
    let values = weight.elements.map { Double($0) }
    let count = Double(values.count)
    let expected = name.hasPrefix("Xavier") ? 2.0 / 900 : 2.0 / 400
    let mean = values.reduce(0, +) / count
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
    expectClose(
      mean, 0,
      within: Tolerance(
        absolute: 4 * (expected / count).squareRoot(), because: "four standard errors of a mean"))
    expectClose(
      variance, expected,
      within: Tolerance(
        relative: 4 * (2 / count).squareRoot(), because: "four standard errors of a variance"))
  }

  @Test(arguments: [(9, 5), (5, 9), (7, 7), (1, 4), (4, 1)])
  func `orthogonal weights have singular values of 1`(m: Int, n: Int) throws {
    var streams = RandomStreams(seed: 6)
    let weight = try Orthogonal().weight(
      WeightShape(outputs: m, inputs: n), using: &streams)
    let values = try Matrix<Double>(weight).singularValues()
    expectClose(
      values, Array(repeating: 1, count: min(m, n)),
      within: Tolerance(absolute: 1e-6, because: "elements rounded to single precision"))
  }
}
