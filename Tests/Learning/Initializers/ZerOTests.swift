import TestSupport
import Testing
import ZerOInitializers
import ZerOLinearAlgebra
import ZerORandomness

@Suite struct ZerOTests {
  /// The single-precision factor 2^(−k/2), compared with singular values in double precision.
  private let singlePrecision = Tolerance(
    relative: 2e-7, because: "the factor is rounded to single precision")

  private func weight(_ m: Int, _ n: Int, _ scale: ZerO.Scale = .code) throws -> Matrix<Float> {
    var streams = RandomStreams(seed: 0)
    return try ZerO(scale: scale).weight(WeightShape(outputs: m, inputs: n), using: &streams)
  }

  /// Algorithm 1 as printed: H by doubling, then the product of three matrices.
  private func naive(_ m: Int, _ n: Int, _ scale: ZerO.Scale) -> Matrix<Double> {
    guard m > n else { return .identity(rows: m, columns: n) }
    var (k, hadamard) = (0, Matrix<Double>(repeating: 1, rows: 1, columns: 1))
    while hadamard.rows < m {
      let (half, p) = (hadamard, hadamard.rows)
      hadamard = Matrix(rows: 2 * p, columns: 2 * p) { i, j in
        (i >= p && j >= p ? -1 : 1) * half[i % p, j % p]
      }
      k += 1
    }
    let exponent = scale == .code ? k : k - 1
    var factor = exponent.isMultiple(of: 2) ? 1.0 : 0.5.squareRoot()
    for _ in 0..<exponent / 2 { factor /= 2 }
    let scaled = Matrix<Double>(rows: hadamard.rows, columns: hadamard.columns) {
      hadamard[$0, $1] * factor
    }
    return .identity(rows: m, columns: hadamard.rows) * scaled
      * .identity(rows: hadamard.rows, columns: n)
  }

  @Test func `three by two equals the paper's example`() throws {
    #expect(try weight(3, 2).elements == [0.5, 0.5, 0.5, -0.5, 0.5, 0.5])
  }

  @Test(arguments: [ZerO.Scale.code, .paper])
  func `every small shape equals the algorithm as printed`(scale: ZerO.Scale) throws {
    for shape in everySmallShape {
      let expected = Matrix<Float>(naive(shape.outputs, shape.inputs, scale))
      #expect(try weight(shape.outputs, shape.inputs, scale) == expected, "\(shape)")
    }
  }

  @Test(arguments: [
    (1024, 784, 1.0, 1.0), (2048, 784, 1, 1), (1000, 784, 1, 0.4677072),
    (785, 784, 1, 0.125), (1025, 784, 0.939581, 0.7071068),
  ])
  func `extreme singular values match known values`(
    m: Int, n: Int, largest: Double, smallest: Double
  ) throws {
    let values = try Matrix<Double>(try weight(m, n)).singularValues()
    let sevenDigits = Tolerance(relative: 6e-7, because: "the golden values have seven digits")
    expectClose(values[0], largest, within: sevenDigits)
    expectClose(try #require(values.last), smallest, within: sevenDigits)
  }

  @Test func `columns are orthonormal only if the number of rows is a power of two`() throws {
    func gram(_ m: Int) throws -> Matrix<Double> {
      let w = Matrix<Double>(try weight(m, 9))
      return w.transposed * w
    }
    let identity = Matrix<Double>.identity(rows: 9, columns: 9)
    expectClose(
      try gram(32).elements, identity.elements,
      within: Tolerance(
        absolute: 2e-7, because: "the square of a factor rounded to single precision"))
    #expect(try abs(gram(31)[0, 1]) > 0.01)
  }

  @Test func `the Frobenius norm of a truncated Hadamard matrix`() throws {
    let squares = try weight(1000, 784).elements.reduce(0) { $0 + Double($1) * Double($1) }
    expectClose(squares, 765.625, within: singlePrecision)
  }

  @Test(arguments: [(2048, 784, 1024), (1024, 784, 1024), (30, 9, 16), (9, 5, 8), (6, 5, 6)])
  func `rows repeat after the next power of two of the inputs`(m: Int, n: Int, distinct: Int) throws
  {
    let w = try weight(m, n)
    let rows = Set((0..<m).map { i in (0..<n).map { w[i, $0] } })
    #expect(rows.count == distinct)
  }

  @Test func `the paper's factor is larger by the square root of two`() throws {
    let (code, paper) = (try weight(20, 9), try weight(20, 9, .paper))
    expectClose(
      Double(paper[3, 2] / code[3, 2]), 2.0.squareRoot(), within: singlePrecision)
    #expect(try weight(4, 9, .paper) == weight(4, 9))
  }
}
