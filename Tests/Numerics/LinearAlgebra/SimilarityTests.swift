import TestSupport
import Testing
import ZerOLinearAlgebra
import ZerOParallelism

@Suite struct SimilarityTests {
  private let rounding = Tolerance(
    relative: 1e-13, absolute: 1e-13, because: "the sum of some thousand rounding errors")

  private func matrix(_ rows: Int, _ columns: Int, seed: Int) -> Matrix<Double> {
    Matrix(rows: rows, columns: columns) { SpectralQuantitiesGolden.element($0, $1, seed: seed) }
  }

  private func scaled(_ matrix: Matrix<Double>, by factor: Double) -> Matrix<Double> {
    Matrix(rows: matrix.rows, columns: matrix.columns) { matrix[$0, $1] * factor }
  }

  @Test(arguments: [(1, 1), (3, 5), (130, 70), (1100, 3), (2, 4100)])
  func `the cosine agrees with sums over all elements`(rows: Int, columns: Int) throws {
    let (a, b) = (matrix(rows, columns, seed: 1), matrix(rows, columns, seed: 2))
    func product(_ x: Matrix<Double>, _ y: Matrix<Double>) -> Double {
      zip(x.elements, y.elements).reduce(0) { $0 + $1.0 * $1.1 }
    }
    let expected = product(a, b) / (product(a, a) * product(b, b)).squareRoot()
    expectClose(try #require(a.cosineSimilarity(to: b)), expected, within: rounding)
  }

  @Test(arguments: [(3, 5), (1100, 3), (2, 4100)])
  func `matrices in single precision have the similarity of their values`(rows: Int, columns: Int)
    throws
  {
    let (a, b) = (
      Matrix<Float>(matrix(rows, columns, seed: 1)), Matrix<Float>(matrix(rows, columns, seed: 2))
    )
    let expected = try #require(Matrix<Double>(a).cosineSimilarity(to: Matrix<Double>(b)))
    #expect(a.cosineSimilarity(to: b) == expected)
    #expect(a.cosineSimilarity(to: Matrix<Double>(b)) == expected)
    #expect(Matrix<Double>(a).cosineSimilarity(to: b) == expected)
    // Negative control: the values before rounding have another one.
    #expect(matrix(rows, columns, seed: 1).cosineSimilarity(to: b) != expected)
  }

  @Test func `multiples have cosine 1 or −1, and orthogonal matrices 0`() throws {
    let a = matrix(20, 30, seed: 1)
    #expect(a.cosineSimilarity(to: a) == 1)
    #expect(a.cosineSimilarity(to: scaled(a, by: -4)) == -1)
    expectClose(try #require(a.cosineSimilarity(to: scaled(a, by: 3))), 1, within: rounding)
    // Negative control: no common nonzero element.
    let left = Matrix<Double>(rows: 4, columns: 6) { $1 < 3 ? Double($0 + $1 + 1) : 0 }
    let right = Matrix<Double>(rows: 4, columns: 6) { $1 < 3 ? 0 : Double($0 - $1) }
    #expect(left.cosineSimilarity(to: right) == 0)
  }

  @Test(arguments: [1e-305, 1e-200, 1e200, 1e307])
  func `the size of the elements does not matter`(size: Double) throws {
    let (a, b) = (matrix(12, 9, seed: 1), matrix(12, 9, seed: 2))
    let expected = try #require(a.cosineSimilarity(to: b))
    let coarse = Tolerance(absolute: 1e-11, because: "subnormal numbers have fewer digits")
    expectClose(
      try #require(scaled(a, by: size).cosineSimilarity(to: b)), expected, within: coarse)
    expectClose(
      try #require(scaled(a, by: size).cosineSimilarity(to: scaled(b, by: 1 / size))), expected,
      within: coarse)
  }

  @Test func `zeros, empty matrices and non-finite elements have no similarity`() {
    let a = matrix(3, 4, seed: 1)
    #expect(a.cosineSimilarity(to: Matrix(repeating: 0, rows: 3, columns: 4)) == nil)
    for element in [Double.nan, .infinity, -.infinity] {
      var other = a
      other[1, 2] = element
      #expect(a.cosineSimilarity(to: other) == nil && other.cosineSimilarity(to: a) == nil)
    }
    let empty = Matrix<Double>(repeating: 0, rows: 0, columns: 4)
    #expect(empty.cosineSimilarity(to: empty) == nil)
  }

  @Test func `results are bit-identical for any number of threads`() async throws {
    let (a, b) = (matrix(1500, 40, seed: 1), matrix(1500, 40, seed: 2))
    let alone = a.cosineSimilarity(to: b)
    let together = try await WorkerPool(threads: 3).run { team in
      a.cosineSimilarity(to: b, team: team)
    }
    #expect(alone == together)
  }

  @Test func `similarities agree with NumPy`() throws {
    let golden: SpectralQuantitiesGolden = try golden("spectral_quantities")
    for pair in golden.pairs {
      let similarity = matrix(pair.rows, pair.columns, seed: 1)
        .cosineSimilarity(to: matrix(pair.rows, pair.columns, seed: 2))
      expectClose(try #require(similarity), pair.similarity, within: rounding)
    }
  }
}
