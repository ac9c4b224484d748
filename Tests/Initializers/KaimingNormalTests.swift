import Initializers
import LinearAlgebra
import Randomness
import TestSupport
import Testing

@Suite struct KaimingNormalTests {
  @Test func `weights are PyTorch's for a seed`() throws {
    let lastPlaces = Tolerance(
      relative: 1e-6, absolute: 1e-7, because: "last places of single-precision functions")
    for expected in try golden("random_streams", as: RandomStreamsGolden.self).kaimingNormal {
      var streams = RandomStreams(seed: expected.seed)
      let shape = WeightShape(outputs: expected.shape[0], inputs: expected.shape[1])
      let weight = try KaimingNormal().weight(shape, using: &streams)
      expectClose(
        weight.elements.prefix(8).map { Double($0) }, expected.first, within: lastPlaces)
    }
  }

  @Test func `mean and variance are those of N(0, 2 over n)`() throws {
    var streams = RandomStreams(seed: 1)
    let weight = try KaimingNormal().weight(
      WeightShape(outputs: 500, inputs: 400), using: &streams)
    let values = weight.elements.map { Double($0) }
    let count = Double(values.count)
    let deviation = (2.0 / 400).squareRoot()
    let mean = values.reduce(0, +) / count
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
    expectClose(
      mean, 0,
      within: Tolerance(
        absolute: 4 * deviation / count.squareRoot(), because: "four standard errors of a mean"))
    expectClose(
      variance, 2.0 / 400,
      within: Tolerance(
        relative: 4 * (2 / count).squareRoot(), because: "four standard errors of a variance"))
  }
}
