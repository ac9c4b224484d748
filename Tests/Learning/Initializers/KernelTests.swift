import TestSupport
import Testing
import ZerOInitializers
import ZerOLinearAlgebra
import ZerORandomness

@Suite struct KernelTests {
  @Test func `every kernel equals PyTorch's or NumPy's for a seed`() throws {
    let rounding = Tolerance(
      relative: 1e-6, absolute: 1e-6, because: "last places of single-precision functions")
    let exact = Tolerance(
      relative: 1e-7, absolute: 1e-14, because: "single precision; angles rounded in NumPy")
    let expectations = try golden("initial_weights", as: InitialWeightsGolden.self).kernels
    #expect(expectations.count == 65 && Set(expectations.map(\.name)).count == 13)
    for expected in expectations {
      let entry = try InitializerCatalog.builtIn.entry(named: expected.name)
      let shape = KernelShape(
        outputs: expected.shape[0], inputs: expected.shape[1],
        kernelSize: Array(expected.shape[2...]))
      var streams = RandomStreams(seed: expected.seed)
      let kernel = try entry.initializer.kernel(shape, using: &streams)
      expectClose(
        kernel.map(Double.init), expected.values, within: entry.isRandom ? rounding : exact,
        "\(expected.name) \(shape)")
    }
  }

  @Test(arguments: InitializerCatalog.builtIn.names)
  func `a kernel of one tap is the dense layer's weight`(name: String) throws {
    let rule = try InitializerCatalog.builtIn.entry(named: name).initializer
    for kernelSize in [[1], [1, 1], [1, 1, 1]] {
      let shape = KernelShape(outputs: 5, inputs: 7, kernelSize: kernelSize)
      var (first, second) = (RandomStreams(seed: 4), RandomStreams(seed: 4))
      #expect(
        try rule.kernel(shape, using: &first) == rule.weight(shape.tap, using: &second).elements)
    }
  }

  @Test(arguments: InitializerCatalog.builtIn.names)
  func `kernels are zero around the center, except for PyTorch's initializers`(name: String) throws
  {
    let rule = try InitializerCatalog.builtIn.entry(named: name).initializer
    let shape = KernelShape(outputs: 6, inputs: 5, kernelSize: [3, 4])
    var streams = RandomStreams(seed: 4)
    let kernel = try rule.kernel(shape, using: &streams)
    #expect(kernel.count == 6 * 5 * 12)
    let isCentral = kernel.indices.allSatisfy { kernel[$0] == 0 || $0 % 12 == 1 * 4 + 2 }
    #expect(isCentral != (rule is TorchDistribution || rule is Orthogonal))
  }

  @Test func `the center tap of an even size is after the middle, unlike in JAX`() {
    for (kernelSize, center) in [
      ([3], 1), ([4], 2), ([1], 0), ([2, 2], 3), ([3, 3], 4), ([2, 3, 4], 1 * 12 + 1 * 4 + 2),
    ] {
      #expect(KernelShape(outputs: 1, inputs: 1, kernelSize: kernelSize).centerTap == center)
    }
  }

  @Test func `the fans of a kernel include its taps`() throws {
    let shape = KernelShape(outputs: 40, inputs: 50, kernelSize: [3, 3])
    for (rule, variance) in [
      (TorchDistribution(.kaiming, .normal), 2.0 / 450),
      (TorchDistribution(.xavier, .uniform), 2.0 / 810),
    ] {
      var streams = RandomStreams(seed: 2)
      let values = try rule.kernel(shape, using: &streams).map(Double.init)
      let observed = values.reduce(0) { $0 + $1 * $1 } / Double(values.count)
      expectClose(
        observed, variance,
        within: Tolerance(
          relative: 4 * (2 / Double(values.count)).squareRoot(),
          because: "four standard errors of a variance"))
    }
  }

  @Test func `a shape that is rejected for a layer is rejected for a kernel`() {
    let shape = KernelShape(outputs: 2, inputs: 2, kernelSize: [5, 5])
    var streams = RandomStreams(seed: 0)
    #expect(throws: InitializationError.sinusoidalWithoutVariance(shape.tap)) {
      try Sinusoidal().kernel(shape, using: &streams)
    }
  }

  @Test(arguments: ["64x32x3", "64x32x3x3", "1x1x1x1x1"])
  func `printed shapes can be parsed`(text: String) {
    #expect(KernelShape(text)?.description == text)
  }

  @Test(arguments: [
    "", "64", "64x32", "64x32x", "64x32x0", "64x32x-3", "64x32x3x3x3x3", "1024x1024x1024x2",
    "4294967296x4294967296x1", "axbxc",
  ])
  func `invalid shapes are rejected`(text: String) {
    #expect(KernelShape(text) == nil)
  }
}
