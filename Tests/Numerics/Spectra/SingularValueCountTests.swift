// The count by inertia compared with computed singular values, in all cases in which they could differ.

import TestSupport
import Testing
import ZerOLinearAlgebra
import ZerOParallelism

@testable import ZerOSpectra

@Suite struct SingularValueCountTests {
  /// U·diag(values)·Vᵀ, m × n, where U and V are reflections.
  private func matrix(_ m: Int, _ n: Int, singularValues values: [Double]) -> Matrix<Double> {
    func reflection(_ size: Int, _ phase: Double) -> Matrix<Double> {
      let v = (0..<size).map { 1 + phase * Double($0 % 5) }
      let norm = v.reduce(0) { $0 + $1 * $1 }
      return Matrix(rows: size, columns: size) { ($0 == $1 ? 1 : 0) - 2 * v[$0] * v[$1] / norm }
    }
    let diagonal = Matrix<Double>(rows: m, columns: n) { $0 == $1 ? values[$0] : 0 }
    return reflection(m, 0.7) * diagonal * reflection(n, -0.3)
  }

  private func slowCount(_ matrix: Matrix<Double>, _ tolerance: Double) throws -> Int {
    try matrix.singularValues().count { $0 > tolerance }
  }

  @Test(arguments: [(40, 40), (25, 60), (60, 25), (1, 1), (1, 9)])
  func `counts agree with the singular values of a wide spectrum`(m: Int, n: Int) throws {
    let values = (0..<min(m, n)).map { 3 * Double.pow(0.6, $0) }
    let matrix = matrix(m, n, singularValues: values)
    for tolerance in [1e-4, 3e-3, 0.5, 4] {
      #expect(try matrix.countOfSingularValues(above: tolerance) == slowCount(matrix, tolerance))
    }
  }

  @Test func `tolerances whose squares are not normal numbers are undecided`() throws {
    let tiny = Matrix<Double>(rows: 1, columns: 1, elements: [1.7e-162])
    #expect(try tiny.countOfSingularValues(above: 1.6e-162) == nil)
    let huge = Matrix<Double>(rows: 1, columns: 1, elements: [1e200])
    #expect(try huge.countOfSingularValues(above: 1) == nil)
  }

  @Test func `a value equal to the tolerance up to rounding is undecided`() throws {
    let values = [2, 1, 1e-4, 1e-7]
    #expect(
      try matrix(4, 4, singularValues: values).countOfSingularValues(above: 1e-4) == nil)
  }

  @Test(arguments: [1e-8, -1e-8, 3e-8, -3e-8])
  func `a few values that squaring cannot tell from the tolerance are computed`(offset: Double)
    throws
  {
    // δ is about 1e-13 at size 6 and 1e-12 at size 150, where 2·τ²·1e-8 is 2e-16.
    for size in [6, 150] {
      let near = (1...3).map { 1e-4 * (1 + offset * Double($0)) }
      let values = [3, 2, 1] + near + [Double](repeating: 1e-7, count: size - 6)
      for (m, n) in [(size, size + 3), (size + 3, size), (size, 2 * size), (2 * size, size)] {
        #expect(
          try matrix(m, n, singularValues: values).countOfSingularValues(above: 1e-4)
            == (offset > 0 ? 6 : 3), "\(m) × \(n)")
      }
    }
    // On both sides of the tolerance.
    let values = [2, 1, 1e-4 * (1 + offset), 1e-4 * (1 - offset), 1e-4 * (1 - 2 * offset), 1e-7]
    #expect(
      try matrix(6, 6, singularValues: values).countOfSingularValues(above: 1e-4)
        == (offset > 0 ? 3 : 4))
  }

  @Test func `eight values are computed, and nine are not`() throws {
    for (count, expected) in [(8, 10), (9, nil)] {
      let near = (0..<count).map { 1e-4 * (1 + 1e-8 * Double($0 + 1)) }
      let matrix = matrix(
        40, 40, singularValues: [2, 1] + near + [Double](repeating: 1e-7, count: 38 - count))
      #expect(try matrix.countOfSingularValues(above: 1e-4) == expected)
    }
  }

  @Test func `a stranger just beyond the values in question leaves the count undecided`() throws {
    // At size 6 and ‖A‖²_F = 14, δ is about 7e-14. The counts at τ² ± δ and τ² ± 4δ differ.
    let values = [3, 2, 1, 1e-4 * (1 + 1e-9), (1e-8 + 1.7e-13).squareRoot(), 1e-7]
    #expect(try matrix(6, 6, singularValues: values).countOfSingularValues(above: 1e-4) == nil)
  }

  @Test(arguments: 1...8) func `the nearest values are LAPACK's within their bound`(count: Int)
    throws
  {
    // Neighbors differ by 1e-7 of the value, and the others by a factor.
    let near = (0..<count).map { 0.1 * (1 + 1e-7 * Double($0)) }
    let values = [3, 1.5, 0.4] + near + (0..<(60 - count)).map { 0.02 * Double.pow(0.9, $0) }
    let matrix = matrix(count + 63 - count, 70, singularValues: values)
    let factorization = LDLFactorization(matrix.gram(.alone), minus: 0.0101, growthLimit: 1e6)
    let found = try #require(
      matrix.singularValues(nearest: 0.1, count: count, othersBeyond: 0.07, factorization))
    #expect(found.error < 1e-12)
    for (value, expected) in zip(found.values.sorted(), near) {
      #expect(abs(value - expected) <= found.error)
    }
  }

  @Test(arguments: [1.01, 0.99]) func `a value one percent from the tolerance is decided`(
    factor: Double
  )
    throws
  {
    let values = [2, 1, 1e-4 * factor, 1e-7]
    #expect(
      try matrix(4, 4, singularValues: values).countOfSingularValues(above: 1e-4)
        == (factor > 1 ? 3 : 2))
  }

  @Test(arguments: [true, false])
  func `counts are correct for several blocks and slow decay, with any team`(isFull: Bool)
    async throws
  {
    // As in trained weights, there is no gap near the tolerance.
    let values = (0..<300).map { isFull ? 1e-3 : 0.5 * Double.pow(0.95, $0) }
    let matrix = matrix(300, 300, singularValues: values)
    let expected = try slowCount(matrix, 1e-4)
    #expect(try matrix.countOfSingularValues(above: 1e-4) == expected)
    let shared = try await WorkerPool(threads: 2).run { team in
      try matrix.countOfSingularValues(above: 1e-4, team: team)
    }
    #expect(shared == expected)
  }

  @Test func `for every tolerance the count is correct or undecided`() throws {
    let values = (0..<160).map { 2 * Double.pow(0.93, $0) }
    let matrix = matrix(160, 170, singularValues: values)
    var undecided = 0
    // Between two values, 0.1 % from a value, and equal to a value.
    for index in stride(from: 1, to: 140, by: 6) {
      for factor in [0.965, 0.999, 1, 1.001] {
        let tolerance = values[index] * factor
        guard let count = try matrix.countOfSingularValues(above: tolerance) else {
          undecided += 1
          continue
        }
        #expect(factor != 1, "a tolerance equal to a singular value must be undecided")
        #expect(count == (factor < 1 ? index + 1 : index))
      }
    }
    #expect(undecided == 24)
  }

  @Test func `a diagonal block that the shift makes singular is detected`() throws {
    // [τ(1 + 1e-9)·I, I]: the first block of AᵀA − τ²·I is nearly 0, so it is unsuitable as a pivot.
    let tolerance = 1e-4
    let matrix = Matrix<Double>(rows: 128, columns: 256) { i, j in
      j == i ? tolerance * (1 + 1e-9) : j == i + 128 ? 1 : 0
    }
    // AAᵀ would be harmless. Additional rows make AᵀA the smaller one, which is used.
    let tall = Matrix<Double>(rows: 384, columns: 256) { i, j in
      i < 128 ? matrix[i, j] : 1e-13 * Double(i + j)
    }
    #expect(try tall.countOfSingularValues(above: tolerance) == nil)
    #expect(try slowCount(tall, tolerance) >= 128)
  }

  @Test func `duplicate rows and columns are merged with their multiplicity`() throws {
    let distinct = matrix(5, 5, singularValues: [3, 1, 1e-2, 9e-5, 6e-5])
    // Rows and columns 0 … 4 repeat, so the singular values grow by √4 · √6.
    let copies = Matrix<Double>(rows: 20, columns: 30) { distinct[$0 % 5, $1 % 5] }
    #expect(try copies.countOfSingularValues(above: 1e-4) == 5)
    #expect(try slowCount(copies, 1e-4) == 5)
    #expect(try copies.countOfSingularValues(above: 4e-4) == 4)
    #expect(try slowCount(copies, 4e-4) == 4)
    // Negative control: rows that differ in the last place are not duplicates.
    var nearly = copies
    nearly[19, 29] = nearly[19, 29].nextUp
    #expect(try nearly.countOfSingularValues(above: 1e-4) == 5)
    #expect(copies.deduplicated(.alone).rows == 5 && copies.deduplicated(.alone).columns == 5)
    #expect(nearly.deduplicated(.alone).rows == 6 && nearly.deduplicated(.alone).columns == 6)
    // Different rows with equal hashes, 1 · w₁ = w₁ · 1 (w₀ is 1), are not merged.
    let weight = 1.618_033_988_749_894_9
    let collision = Matrix<Double>(rows: 2, columns: 2, elements: [weight, 0, 0, 1])
    #expect(collision.deduplicated(.alone).rows == 2)
  }

  @Test func `a tolerance below the rounding error of the norm is undecided`() throws {
    #expect(
      try matrix(3, 3, singularValues: [1e6, 1, 1]).countOfSingularValues(above: 1e-4) == nil)
  }

  @Test func `zero rows and columns do not count`() throws {
    let zero = Matrix<Double>(repeating: 0, rows: 5, columns: 7)
    #expect(try zero.countOfSingularValues(above: 1e-4) == 0)
    var one = zero
    one[3, 2] = 1
    #expect(try one.countOfSingularValues(above: 1e-4) == 1)
    #expect(
      try Matrix<Double>(repeating: 0, rows: 0, columns: 3).countOfSingularValues(above: 1) == 0)
  }

  @Test func `a NaN is rejected`() {
    let matrix = Matrix<Double>(repeating: .nan, rows: 2, columns: 2)
    #expect(throws: FactorizationError.notFinite) { try matrix.countOfSingularValues(above: 1) }
  }
}

extension Double {
  fileprivate static func pow(_ base: Double, _ exponent: Int) -> Double {
    (0..<exponent).reduce(1) { product, _ in product * base }
  }
}
