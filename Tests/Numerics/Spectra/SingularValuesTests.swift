// The fast ways to singular values compared with LAPACK's decomposition.

import Foundation
import TestSupport
import Testing
import ZerOLinearAlgebra
import ZerOParallelism
import ZerOSpectra

@Suite struct SingularValuesTests {
  /// A matrix with orthonormal columns and irregular elements.
  private func orthonormal(_ rows: Int, _ columns: Int, _ seed: Int) -> Matrix<Double> {
    Matrix<Double>(rows: rows, columns: columns) { i, j in
      Double((i * 7919 + j * 104_729 + (i * j) * 31 + seed * 613) % 1009) / 1009 - 0.5
    }.orthonormalColumns()
  }

  /// U·diag(σ)·Vᵀ with the given singular values.
  private func matrix(_ rows: Int, _ columns: Int, _ values: [Double]) -> Matrix<Double> {
    let (u, v) = (orthonormal(rows, values.count, 1), orthonormal(columns, values.count, 2))
    return Matrix(rows: rows, columns: columns) { i, j in
      values.indices.reduce(0) { $0 + u[i, $1] * values[$1] * v[j, $1] }
    }
  }

  private let requested = Tolerance(relative: 1e-4, because: "the requested relative error")

  @Test(arguments: [(60, 60), (300, 40), (40, 300), (1, 5), (2100, 16), (16, 2100)])
  func `both methods agree for well-conditioned matrices`(rows: Int, columns: Int)
    throws
  {
    let count = min(rows, columns)
    let values = (0..<count).map { 3 / (1 + 999 * Double($0) / Double(max(1, count - 1))) }
    let a = matrix(rows, columns, values)
    let quick = try #require(try a.singularValuesByGram(within: 1e-4))
    expectClose(quick, try a.singularValues(), within: requested)
    expectClose(quick, values, within: requested)
  }

  /// A Gram matrix of more than 512 columns has several tiles; with 8 times as many rows it is a sum of bands.
  @Test(arguments: [(530, 530), (540, 520), (520, 540), (1100, 515), (4200, 520)])
  func `Gram matrices of tiles and bands give the same values`(rows: Int, columns: Int) throws {
    let a = Matrix<Double>(rows: rows, columns: columns) { i, j in
      (i == j ? 30 : 0) + Double((i * 7919 + j * 104_729 + i * j * 31) % 1009) / 1009 - 0.5
    }
    let before = a
    let quick = try #require(try a.singularValuesByGram(within: 1e-4))
    expectClose(quick, try a.singularValues(), within: requested)
    #expect(a == before, "only a copy is overwritten")
  }

  @Test func `a Cholesky factorization exists below the smallest eigenvalue`() throws {
    // Only the upper triangle is read: the eigenvalues of the symmetric matrix are 1, 3 and 9.
    let s = Matrix<Double>(rows: 3, columns: 3, elements: [2, 1, 0, .nan, 2, 0, .nan, .nan, 9])
    #expect(s.isPositiveDefinite(minus: 0.999) && s.isPositiveDefinite(minus: -5))
    #expect(!s.isPositiveDefinite(minus: 1.001) && !s.isPositiveDefinite(minus: 8))
    #expect(s[0, 0] == 2, "only a copy is overwritten")
  }

  /// The comparison with LAPACK's eigenvalues: the factorization may reject only what the bound rejects as well.
  @Test func `a factorization rejects no spectrum that the eigenvalues allow`() throws {
    var (accepted, rejected) = (0, 0)
    for step in 0..<60 {
      let smallest = 1e-4 * pow(0.9, Double(step))
      let a = matrix(40, 40, (0..<39).map { 1 / Double($0 + 1) } + [smallest])
      let gram = a.gram(.alone)
      let values = try gram.consumeIntoEigenvalues()
      let (squares, norm) = (values.reduce(0, +), values.reduce(0) { $0 + $1 * $1 }.squareRoot())
      let bound = (40 * squares + 4 * 40 * norm) * Double.ulpOfOne / 2
      let isAllowed = values[0] > bound && bound / (2 * (values[0] - bound)) <= 1e-4
      #expect((try a.singularValuesByGram(within: 1e-4) != nil) == isAllowed, "at \(smallest)")
      if isAllowed { accepted += 1 } else { rejected += 1 }
    }
    #expect(accepted > 10 && rejected > 10, "both cases: \(accepted), \(rejected)")
  }

  @Test func `a matrix in single precision has the values of its elements in double precision`()
    throws
  {
    let a = Matrix<Float>(rows: 9, columns: 5) { i, j in Float((i * 7 + j * 3) % 11) / 3 }
    #expect(try a.singularValues() == Matrix<Double>(a).singularValues())
    let rank = try NumericalRank(of: a, tolerance: 1e-9)
    #expect(rank == (try NumericalRank(of: Matrix<Double>(a), tolerance: 1e-9)))
  }

  @Test func `a rank-deficient matrix is not modified`() throws {
    // One row is the sum of two others and no duplicate, so the Gram matrix fails and LAPACK is used.
    var a = Matrix<Double>(rows: 30, columns: 30) { i, j in
      (i == j ? 9 : 0) + Double((i * 7919 + j * 104_729 + i * j * 31) % 1009) / 1009
    }
    for j in 0..<30 { a[29, j] = a[0, j] + a[1, j] }
    let before = a
    let values = try a.singularValues(within: 1e-4)
    #expect(a == before && values[29] < 1e-12)
    #expect(try a.singularValues() == values)
  }

  @Test(arguments: [1e-6, 1e-8, 1e-12, 0])
  func `no values are returned if squaring loses the smallest one`(smallest: Double) throws {
    let a = matrix(50, 30, (0..<29).map { _ in 1 } + [smallest])
    #expect(try a.singularValuesByGram(within: 1e-4) == nil)
    // `singularValues(within:)` then computes the value with LAPACK.
    let values = try a.singularValues(within: 1e-4)
    expectClose(
      values[29], smallest,
      within: Tolerance(absolute: 1e-14, because: "a few ε of the largest value, 1"))
  }

  @Test func `the relative error never exceeds the requested one`() throws {
    var answers = 0
    for step in 0..<24 {
      let smallest = 1e-3 / Double(1 << step)
      let a = matrix(40, 40, (0..<39).map { 1 / Double($0 + 1) } + [smallest])
      guard let values = try a.singularValuesByGram(within: 1e-4) else { continue }
      answers += 1
      expectClose(values[39], smallest, within: requested, "at \(smallest)")
    }
    #expect(
      (3...20).contains(answers), "the bound accepts some matrices and rejects others: \(answers)")
  }

  @Test func `duplicates, zeros and empty matrices`() throws {
    let copies = Matrix<Double>(rows: 40, columns: 30) { i, j in i % 3 == j ? 2 : 0 }
    let values = try copies.singularValues(within: 1e-4)
    expectClose(
      values, try copies.singularValues(),
      within: Tolerance(
        relative: 1e-12, absolute: 1e-12, because: "some hundred ε of the largest value"))
    #expect(values.dropFirst(3).allSatisfy { $0 == 0 })
    #expect(
      try Matrix<Double>(repeating: 0, rows: 3, columns: 2).singularValues(within: 1e-4) == [0, 0])
    #expect(
      try Matrix<Double>(repeating: 0, rows: 0, columns: 2).singularValuesByGram(within: 1e-4) == []
    )
  }

  @Test(arguments: [Double.nan, .infinity, -.infinity])
  func `non-finite elements are rejected`(element: Double) {
    var a = Matrix<Double>.identity(rows: 4, columns: 3)
    a[2, 1] = element
    #expect(throws: FactorizationError.notFinite) { try a.singularValuesByGram(within: 1e-4) }
    #expect(throws: FactorizationError.notFinite) { try a.singularValues(within: 1e-4) }
  }

  @Test func `results are bit-identical for any number of threads`() async throws {
    let a = matrix(3000, 24, (0..<24).map { Double(24 - $0) })
    let alone = try a.singularValues(within: 1e-4)
    let together = try await WorkerPool(threads: 3).run { team in
      try a.singularValues(within: 1e-4, team: team)
    }
    #expect(alone == together)
  }

  private let backwardError = Tolerance(
    relative: 1e-13, absolute: 1e-13, because: "a few hundred ε of the largest singular value")

  @Test func `merging duplicates and zeros does not change the values`() throws {
    // Rows 0, 2 and 4 are equal, so are 1 and 3; columns 0 and 5 too; row 5 is zero.
    let matrix = Matrix<Double>(rows: 6, columns: 6) { i, j in
      i == 5 ? 0 : Double((i % 2 + 2) * (j % 5) * (j % 5)) - Double(i % 2) * 3
    }
    let values = try matrix.deduplicatedSingularValues()
    expectClose(values, try matrix.singularValues(), within: backwardError)
    #expect(values.suffix(4).allSatisfy { $0 == 0 }, "each duplicate contributes exactly zero")
    let zero = Matrix<Double>(repeating: 0, rows: 3, columns: 2)
    #expect(try zero.deduplicatedSingularValues() == [0, 0])
    #expect(throws: FactorizationError.notFinite) {
      try Matrix<Double>(repeating: .nan, rows: 2, columns: 2).deduplicatedSingularValues()
    }
  }

  @Test func `a largest singular value beyond double precision is an overflow error`() {
    let equal = Matrix<Double>(repeating: 1.7e308, rows: 20, columns: 20)
    let other = Matrix<Double>(rows: 20, columns: 20) { i, j in (i * i + j) % 3 < 2 ? 1.7e308 : 0 }
    for matrix in [equal, other] {
      #expect(throws: FactorizationError.overflow) { try matrix.singularValues(within: 1e-4) }
      #expect(throws: FactorizationError.overflow) { try matrix.deduplicatedSingularValues() }
    }
  }
}
