import TestSupport
import Testing
import ZerOInitializers
import ZerOLinearAlgebra
import ZerORandomness

@Suite struct IdentityLikeTests {
  private func weight(_ rule: any Initializer, _ shape: WeightShape, seed: UInt64 = 3) throws
    -> Matrix<Float>
  {
    var streams = RandomStreams(seed: seed)
    return try rule.weight(shape, using: &streams)
  }

  @Test func `partial identity equals its definition at every small shape`() throws {
    for shape in everySmallShape {
      let expected = Matrix<Float>(rows: shape.outputs, columns: shape.inputs) { $0 == $1 ? 1 : 0 }
      #expect(try weight(PartialIdentity(), shape) == expected)
    }
  }

  @Test func `OnE adds one 1 per further row to partial identity, at every small shape`() throws {
    for shape in everySmallShape {
      var numbers = NumPyGenerator(seed: 3)
      var expected = Matrix<Float>.identity(rows: shape.outputs, columns: shape.inputs)
      for i in 0..<shape.outputs where i >= shape.inputs {
        expected[i, numbers.integer(below: shape.inputs)] = 1
      }
      #expect(try weight(OnE(), shape) == expected, "\(shape)")
    }
  }

  @Test func `OnE's columns equal NumPy's, also at the reference notebook's shapes`() throws {
    for expected in try golden("random_streams", as: RandomStreamsGolden.self).oneColumns {
      let (m, n) = (expected.shape[0], expected.shape[1])
      let one = try weight(OnE(), WeightShape(outputs: m, inputs: n), seed: expected.seed)
      let columns = (n..<m).map { i in (0..<n).first { one[i, $0] == 1 } }
      #expect(columns == expected.cols)
      #expect(Set((0..<m).map { i in (0..<n).map { one[i, $0] } }).count == n, "n distinct rows")
    }
  }

  @Test func `OnE with fewer outputs than inputs draws nothing`() throws {
    var (used, fresh) = (RandomStreams(seed: 5), RandomStreams(seed: 5))
    _ = try OnE().weight(WeightShape(outputs: 4, inputs: 9), using: &used)
    #expect(used.numPy.nextUInt64() == fresh.numPy.nextUInt64())
  }

  @Test func `Spray equals its definition by OnE at every small shape`() throws {
    for shape in everySmallShape where shape.inputs > 1 {
      let one = try weight(OnE(), shape)
      let part = 1 / Float(shape.inputs - 1)
      let expected = Matrix<Float>(rows: shape.outputs, columns: shape.inputs) {
        part * (1 - one[$0, $1])
      }
      #expect(try weight(Spray(), shape) == expected, "\(shape)")
    }
  }

  @Test func `Spray's rows sum to one`() throws {
    let rounding = Tolerance(absolute: 2e-6, because: "783 equal single-precision addends")
    for shape in [WeightShape(outputs: 1024, inputs: 784), WeightShape(outputs: 10, inputs: 1024)] {
      for sum in try Matrix<Double>(weight(Spray(), shape)).rowSums() {
        expectClose(sum, 1, within: rounding)
      }
    }
  }

  @Test func `a square Spray has one singular value of 1, the others are 1 over n minus 1`() throws
  {
    let n = 12
    let values = try Matrix<Double>(weight(Spray(), WeightShape(outputs: n, inputs: n)))
      .singularValues()
    let expected = [1.0] + Array(repeating: 1 / Double(n - 1), count: n - 1)
    expectClose(
      values, expected,
      within: Tolerance(
        relative: 1e-7, absolute: 1e-7, because: "elements rounded to single precision"))
  }

  @Test func `Spray with one input is rejected`() throws {
    let shape = WeightShape(outputs: 3, inputs: 1)
    #expect(throws: InitializationError.sprayOfOneInput(shape)) { try weight(Spray(), shape) }
    #expect(InitializationError.sprayOfOneInput(shape).description.contains("at least 2 inputs"))
  }
}
