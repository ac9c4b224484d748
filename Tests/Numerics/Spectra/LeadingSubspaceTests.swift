// Leading singular vectors and the overlap of subspaces, compared with matrices whose vectors are known.

import TestSupport
import Testing
import ZerOLinearAlgebra
import ZerOParallelism
import ZerOSpectra

@Suite struct LeadingSubspaceTests {
  private let rounding = Tolerance(
    relative: 1e-10, absolute: 1e-10, because: "ε over the distance of the eigenvalues")

  private func orthonormal(_ rows: Int, _ columns: Int, _ seed: Int) -> Matrix<Double> {
    Matrix<Double>(rows: rows, columns: columns) { i, j in
      Double((i * 7919 + j * 104_729 + (i * j) * 31 + seed * 613) % 1009) / 1009 - 0.5
    }.orthonormalColumns()
  }

  /// U·diag(σ)·Vᵀ.
  private func product(_ u: Matrix<Double>, _ values: [Double], _ v: Matrix<Double>)
    -> Matrix<Double>
  {
    let scaled = Matrix<Double>(rows: u.rows, columns: values.count) { u[$0, $1] * values[$1] }
    return scaled * v.transposed
  }

  private let values = [9.0, 7, 4, 1, 0.5, 0.1]

  @Test(arguments: [(6, 6), (6, 40), (40, 6), (30, 20), (1100, 12)])
  func `the vectors of the largest values are found on the shorter side`(rows: Int, columns: Int)
    throws
  {
    let (u, v) = (orthonormal(rows, 6, 1), orthonormal(columns, 6, 2))
    let vectors = try #require(
      try product(u, values, v).leadingSingularVectors(count: 3))
    let expected = rows <= columns ? u : v
    #expect(vectors.rows == 3 && vectors.columns == min(rows, columns))
    for k in 0..<3 {
      let dot = (0..<vectors.columns).reduce(0) { $0 + vectors[k, $1] * expected[$1, k] }
      expectClose(abs(dot), 1, within: rounding, "vector \(k)")
    }
    expectClose(
      (vectors * vectors.transposed).elements,
      Matrix<Double>.identity(rows: 3, columns: 3).elements,
      within: rounding)
  }

  @Test(arguments: [1, 2, 4, 6])
  func `projections onto the vectors have the energy of the largest values`(count: Int) throws {
    // The slow oracle: all singular values by LAPACK's decomposition. No other subspace holds as much energy.
    let a = Matrix<Double>(rows: 25, columns: 40) {
      SpectralQuantitiesGolden.element($0, $1, seed: 3)
    }
    let vectors = try #require(try a.leadingSingularVectors(count: count))
    let projected = vectors * a
    expectClose(
      projected.elements.reduce(0) { $0 + $1 * $1 },
      try a.singularValues().prefix(count).reduce(0) { $0 + $1 * $1 }, within: rounding)
  }

  @Test func `equal values at the cut determine no subspace`() throws {
    let (u, v) = (orthonormal(20, 6, 1), orthonormal(30, 6, 2))
    let tied = product(u, [5, 3, 3, 3, 1, 0.5], v)
    #expect(try tied.leadingSingularVectors(count: 1) != nil)
    #expect(try tied.leadingSingularVectors(count: 2) == nil)
    #expect(try tied.leadingSingularVectors(count: 3) == nil)
    #expect(try tied.leadingSingularVectors(count: 4) != nil)
    // The rank is 6, so the sixth value is determined and the seventh is not.
    #expect(try tied.leadingSingularVectors(count: 6) != nil)
    #expect(try tied.leadingSingularVectors(count: 7) == nil)
    #expect(
      try Matrix<Double>.identity(rows: 9, columns: 9).leadingSingularVectors(count: 2) == nil)
    #expect(
      try Matrix<Double>(repeating: 0, rows: 3, columns: 4).leadingSingularVectors(count: 1) == nil)
    // Negative control: values that differ by a tenth of a percent determine the subspace.
    let near = product(u, [5, 3.003, 3, 2, 1, 0.5], v)
    let vectors = try #require(try near.leadingSingularVectors(count: 2))
    expectClose(
      subspaceOverlap(vectors, Matrix(rows: 2, columns: 20) { u[$1, $0] }), 1, within: rounding)
  }

  @Test(arguments: [1e-200, 1e-170, 1e160, 1e300])
  func `the size of the elements does not matter`(size: Double) throws {
    let a = product(orthonormal(15, 6, 1), values, orthonormal(20, 6, 2))
    let scaled = Matrix<Double>(rows: 15, columns: 20) { a[$0, $1] * size }
    let (plain, other) = (
      try #require(try a.leadingSingularVectors(count: 3)),
      try #require(try scaled.leadingSingularVectors(count: 3))
    )
    expectClose(subspaceOverlap(plain, other), 1, within: rounding)
  }

  @Test func `all vectors span the whole space, and an empty matrix has none`() throws {
    let a = product(orthonormal(6, 6, 1), values, orthonormal(8, 6, 2))
    for count in [6, 7, 100] {
      let vectors = try #require(try a.leadingSingularVectors(count: count))
      #expect(vectors.rows == 6)
      expectClose(
        (vectors.transposed * vectors).elements,
        Matrix<Double>.identity(rows: 6, columns: 6).elements, within: rounding)
    }
    let empty = Matrix<Double>(repeating: 0, rows: 0, columns: 4)
    #expect(try empty.leadingSingularVectors(count: 2)?.rows == 0)
    #expect(try a.leadingSingularVectors(count: 0)?.rows == 0)
  }

  @Test(arguments: [Double.nan, .infinity])
  func `non-finite elements are rejected`(element: Double) {
    var a = Matrix<Double>.identity(rows: 4, columns: 3)
    a[2, 1] = element
    #expect(throws: FactorizationError.notFinite) { try a.leadingSingularVectors(count: 1) }
  }

  @Test func `results are bit-identical for any number of threads`() async throws {
    let a = Matrix<Double>(rows: 700, columns: 40) {
      SpectralQuantitiesGolden.element($0, $1, seed: 5)
    }
    let alone = try a.leadingSingularVectors(count: 3)
    let together = try await WorkerPool(threads: 3).run { team in
      try a.leadingSingularVectors(count: 3, team: team)
    }
    #expect(alone == together)
  }

  @Test func `subspaces of coordinates overlap in their common coordinates`() {
    func coordinates(_ chosen: [Int]) -> Matrix<Double> {
      Matrix(rows: chosen.count, columns: 8) { $1 == chosen[$0] ? 1 : 0 }
    }
    let first = coordinates([0, 1, 2, 3])
    #expect(subspaceOverlap(first, first) == 1)
    #expect(subspaceOverlap(first, coordinates([2, 3, 4, 5])) == 0.5)
    // Negative control: orthogonal subspaces.
    #expect(subspaceOverlap(first, coordinates([4, 5, 6, 7])) == 0)
    // A contained subspace overlaps fully.
    #expect(subspaceOverlap(first, coordinates([3])) == 1)
    #expect(subspaceOverlap(first, coordinates([])) == 0)
  }

  @Test func `the overlap does not depend on the basis`() {
    let v = orthonormal(30, 4, 1).transposed
    let rotation = orthonormal(4, 4, 7)
    expectClose(subspaceOverlap(v, rotation * v), 1, within: rounding)
    let other = orthonormal(30, 4, 2).transposed
    expectClose(
      subspaceOverlap(other, rotation * v), subspaceOverlap(v, other), within: rounding)
  }

  @Test func `overlaps agree with NumPy`() throws {
    let golden: SpectralQuantitiesGolden = try golden("spectral_quantities")
    #expect(golden.pairs.count == 4)
    for pair in golden.pairs {
      let vectors = try [1, 2].map { seed in
        let matrix = Matrix<Double>(rows: pair.rows, columns: pair.columns) {
          SpectralQuantitiesGolden.element($0, $1, seed: seed)
        }
        return try #require(try matrix.leadingSingularVectors(count: pair.count))
      }
      expectClose(subspaceOverlap(vectors[0], vectors[1]), pair.overlap, within: rounding)
    }
  }
}
