import TestSupport
import Testing
import ZerORandomness

@Suite struct TorchGeneratorTests {
  /// PyTorch's logarithm, sine and cosine can differ from the C library's in the last place of a single-precision
  /// number, a relative error of about 6e-8.
  ///
  /// Both r and the trigonometric factor have such an error.
  private let lastPlaces = Tolerance(
    relative: 1e-6, absolute: 1e-7, because: "last places of single-precision functions")

  @Test func `the ten-thousandth number of MT19937 is the published one`() {
    var generator = TorchGenerator(seed: 5489)
    generator.skip(9999)
    #expect(generator.nextUInt32() == 4_123_659_995)
  }

  @Test func `only the low half of a seed is used, as in PyTorch`() {
    var (narrow, wide) = (TorchGenerator(seed: 3), TorchGenerator(seed: 1 << 32 + 3))
    #expect((0..<5).map { _ in narrow.nextUInt64() } == (0..<5).map { _ in wide.nextUInt64() })
  }

  @Test func `normal numbers agree with PyTorch, including tails and sums`() throws {
    for expected in try golden("random_streams", as: RandomStreamsGolden.self).kaimingNormal {
      var generator = TorchGenerator(seed: expected.seed)
      let deviation = Float((2 / Double(expected.shape[1])).squareRoot())
      let values = generator.normal(
        count: expected.shape.reduce(1, *), mean: 0, standardDeviation: deviation
      ).map { Double($0) }
      let name = "\(expected.shape)"
      expectClose(values.prefix(8), expected.first, within: lastPlaces, name)
      expectClose(values.suffix(8), expected.last, within: lastPlaces, name)
      let summed = Tolerance(
        relative: 1e-6, absolute: 1e-7 * Double(values.count).squareRoot(),
        because: "last places, summed over all elements")
      expectClose(values.reduce(0, +), expected.sum, within: summed, name)
      expectClose(values.reduce(0) { $0 + $1 * $1 }, expected.sumsq, within: summed, name)
    }
  }

  @Test func `scalar draws keep their second value for the next call`() throws {
    for expected in try golden("random_streams", as: RandomStreamsGolden.self).smallNormals {
      var generator = TorchGenerator(seed: expected.seed)
      for call in expected.calls {
        let values = generator.normal(count: call.count, mean: 0.5, standardDeviation: 2)
        expectClose(values.map { Double($0) }, call, within: lastPlaces, "\(expected.seed)")
      }
    }
  }

  @Test func `the default draws of linear layers are skipped exactly`() throws {
    for expected in try golden("random_streams", as: RandomStreamsGolden.self).defaultLinear {
      var generator = TorchGenerator(seed: expected.seed)
      generator.skip(5 * 7 + 7 * 3 + (expected.bias ? 7 + 3 : 0))
      let values = generator.normal(count: 20, mean: 0, standardDeviation: 1)
      expectClose(values.map { Double($0) }, expected.next, within: lastPlaces)
    }
  }

  @Test func `uniform numbers and 63-bit integers are bit-identical to PyTorch`() throws {
    for expected in try golden("random_streams", as: RandomStreamsGolden.self).uniforms {
      var generator = TorchGenerator(seed: expected.seed)
      let values = generator.uniform(
        count: expected.values.count, lower: expected.lower, upper: expected.upper)
      #expect(Array(values) == expected.values)
      #expect(expected.integers.map { _ in String(generator.random()) } == expected.integers)
    }
  }

  @Test(arguments: [0, 1, 2, 63, 1000])
  func `a permutation contains every element once`(count: Int) {
    var generator = TorchGenerator(seed: 8)
    #expect(generator.permutation(count: count).sorted() == Array(0..<count))
  }

  @Test func `a copy continues independently`() {
    var generator = TorchGenerator(seed: 9)
    generator.skip(700)
    var copy = generator
    let mine = (0..<700).map { _ in generator.nextUInt32() }
    #expect((0..<700).map { _ in copy.nextUInt32() } == mine)
  }
}
