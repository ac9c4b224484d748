// The fast count against the slow one, everywhere that they could part.

import Parallelism
import TestSupport
import Testing

@testable import LinearAlgebra

@Suite struct InertiaTests {
  /// U·diag(values)·Vᵀ, m × n, with reflections for U and V.
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
  func `counts agree with the singular values, over a wide spectrum`(m: Int, n: Int) throws {
    let values = (0..<min(m, n)).map { 3 * Double.pow(0.6, $0) }
    let matrix = matrix(m, n, singularValues: values)
    for tolerance in [1e-4, 3e-3, 0.5, 4] {
      #expect(try matrix.countOfSingularValues(above: tolerance) == slowCount(matrix, tolerance))
    }
  }

  /// A = Σ of pairs on the diagonal, and a part that couples them over the blocks of the factorization.
  private func pairs(_ size: Int, diagonal: Double, coupling: Double, rest: Double) -> Matrix<
    Double
  > {
    Matrix(rows: size, columns: size) { i, j in
      if i == j { return diagonal }
      if i / 2 == j / 2 { return coupling }
      return rest * Double((3 * min(i, j) + 5 * max(i, j)) % 7 - 3)
    }
  }

  @Test(arguments: [6, 128, 300])
  func `an indefinite matrix has its eigenvalues counted, pivots of order two included`(size: Int)
    throws
  {
    // Diagonals of 0 leave no pivot of order one; the rest is too small to change a sign: Gershgorin's
    // circles around ±1 have a radius below 1e-3 · 3 · 300.
    let matrix = pairs(size, diagonal: 0, coupling: 1, rest: 1e-3)
    let whole = BlockFactorization(matrix, minus: 0, growthLimit: 1e6)
    #expect(whole.isComplete && whole.positiveCount == size / 2)
    #expect(BlockFactorization(matrix, minus: 1.95, growthLimit: 1e6).positiveCount == 0)
    #expect(BlockFactorization(matrix, minus: -1.95, growthLimit: 1e6).positiveCount == size)
  }

  @Test func `the growth through a weak coupling is seen`() {
    // Two rows that hardly couple, [[δ, b], [b, δ]], each with a large element in the block below: what
    // they add there is z²/b.
    let (b, z, size) = (1.5e-7, 0.5, 256)
    let matrix = Matrix<Double>(rows: size, columns: size) { i, j in
      switch (min(i, j), max(i, j)) {
      case (0, 0), (1, 1): 1e-9
      case (0, 1): b
      case (0, 200), (1, 201): z
      case (let k, let l): k == l ? 1 : 0
      }
    }
    let factorization = BlockFactorization(matrix, minus: 0, growthLimit: 1e9)
    #expect(factorization.growth >= z * z / b)
    #expect(!BlockFactorization(matrix, minus: 0, growthLimit: 4 * 256).isComplete)
  }

  @Test func `tolerances whose squares are not normal numbers are left undecided`() throws {
    let tiny = Matrix<Double>(rows: 1, columns: 1, elements: [1.7e-162])
    #expect(try tiny.countOfSingularValues(above: 1.6e-162) == nil)
    let huge = Matrix<Double>(rows: 1, columns: 1, elements: [1e200])
    #expect(try huge.countOfSingularValues(above: 1) == nil)
  }

  @Test(arguments: [1, 3]) func `a Gram matrix of several tiles is A times its transpose`(
    threads: Int
  )
    async throws
  {
    let matrix = Matrix<Double>(rows: 1100, columns: 12) { i, j in Double((7 * i + 5 * j) % 11) - 5
    }
    let gram = try await WorkerPool(threads: threads).run { matrix.gram($0) }
    // Small whole numbers: every sum is exact.
    let product = matrix * matrix.transposed
    for i in 0..<1100 {
      for j in i..<1100 where gram[i, j] != product[i, j] {
        Issue.record("element (\(i), \(j)) is \(gram[i, j]), not \(product[i, j])")
        return
      }
    }
  }

  @Test(arguments: [0, 1e-9, -1e-9])
  func `a value too near the tolerance is left undecided`(offset: Double) throws {
    let values = [2, 1, 1e-4 * (1 + offset), 1e-7]
    #expect(
      try matrix(4, 4, singularValues: values).countOfSingularValues(above: 1e-4) == nil)
  }

  @Test(arguments: [1.01, 0.99]) func `a hundredth beside the tolerance is decided`(factor: Double)
    throws
  {
    let values = [2, 1, 1e-4 * factor, 1e-7]
    #expect(
      try matrix(4, 4, singularValues: values).countOfSingularValues(above: 1e-4)
        == (factor > 1 ? 3 : 2))
  }

  @Test(arguments: [true, false])
  func `several blocks, a slow decay across the tolerance, any team`(isFull: Bool) async throws {
    // As trained weights have it: no gap anywhere near the tolerance.
    let values = (0..<300).map { isFull ? 1e-3 : 0.5 * Double.pow(0.95, $0) }
    let matrix = matrix(300, 300, singularValues: values)
    let expected = try slowCount(matrix, 1e-4)
    #expect(try matrix.countOfSingularValues(above: 1e-4) == expected)
    let shared = try await WorkerPool(threads: 2).run { team in
      try matrix.countOfSingularValues(above: 1e-4, team: team)
    }
    #expect(shared == expected)
  }

  @Test func `every place of the tolerance in a spectrum gives the slow count, or none`() throws {
    let values = (0..<160).map { 2 * Double.pow(0.93, $0) }
    let matrix = matrix(160, 170, singularValues: values)
    var undecided = 0
    // Between two values, a thousandth beside one, and on it.
    for index in stride(from: 1, to: 140, by: 6) {
      for factor in [0.965, 0.999, 1, 1.001] {
        let tolerance = values[index] * factor
        guard let count = try matrix.countOfSingularValues(above: tolerance) else {
          undecided += 1
          continue
        }
        #expect(factor != 1, "decided on a singular value")
        #expect(count == (factor < 1 ? index + 1 : index))
      }
    }
    #expect(undecided >= 24 && undecided < 60)
  }

  @Test func `a block that is singular after the shift is not pivoted on in silence`() throws {
    // [τ(1 + 1e-9)·I, I]: the first block of AᵀA − τ²·I is nearly 0, and so of no use as a pivot.
    let tolerance = 1e-4
    let matrix = Matrix<Double>(rows: 128, columns: 256) { i, j in
      j == i ? tolerance * (1 + 1e-9) : j == i + 128 ? 1 : 0
    }
    // The smaller Gram matrix would be harmless; more rows make the other one the smaller.
    let tall = Matrix<Double>(rows: 384, columns: 256) { i, j in
      i < 128 ? matrix[i, j] : 1e-13 * Double(i + j)
    }
    #expect(try tall.countOfSingularValues(above: tolerance) == nil)
    #expect(try slowCount(tall, tolerance) >= 128)
  }

  @Test func `the growth of a factorization is the trace without shift, and has its limit`() {
    let matrix = matrix(300, 300, singularValues: (0..<300).map { 1 / Double(1 + $0) })
    let gram = matrix.gram(.alone)
    let trace = (0..<300).reduce(0) { $0 + gram[$1, $1] }
    let easy = BlockFactorization(gram, minus: 0, growthLimit: 1.01 * trace)
    #expect(easy.isComplete && easy.positiveCount == 300)
    expectClose(
      easy.growth, trace, within: Tolerance(relative: 1e-10, because: "sums of n³ rounded terms"))
    #expect(!BlockFactorization(gram, minus: 0, growthLimit: 0.99 * trace).isComplete)
    // A first block that the shift makes nearly 0, beside one that it is coupled with.
    let coupled = Matrix<Double>(rows: 256, columns: 256) { i, j in
      i % 128 != j % 128 ? 0 : i < 128 ? (j < 128 ? 1 + 1e-9 : 1) : j < 128 ? 1 : 2
    }
    #expect(!BlockFactorization(coupled, minus: 1, growthLimit: 4 * (384 + 256)).isComplete)
  }

  @Test func `copies of rows and columns count once, with their weight`() throws {
    let distinct = matrix(5, 5, singularValues: [3, 1, 1e-2, 9e-5, 6e-5])
    // Rows 0 … 4 over and over, columns too: singular values grow by √4 · √6.
    let copies = Matrix<Double>(rows: 20, columns: 30) { distinct[$0 % 5, $1 % 5] }
    #expect(try copies.countOfSingularValues(above: 1e-4) == 5)
    #expect(try slowCount(copies, 1e-4) == 5)
    #expect(try copies.countOfSingularValues(above: 4e-4) == 4)
    #expect(try slowCount(copies, 4e-4) == 4)
    // The negative control: rows that differ in their last place are no copies.
    var nearly = copies
    nearly[19, 29] = nearly[19, 29].nextUp
    #expect(try nearly.countOfSingularValues(above: 1e-4) == 5)
    #expect(copies.distinct(.alone).rows == 5 && copies.distinct(.alone).columns == 5)
    #expect(nearly.distinct(.alone).rows == 6 && nearly.distinct(.alone).columns == 6)
    // Rows whose fingerprints collide, 1 · w₁ = w₁ · 1 (w₀ is 1), are still two.
    let weight = 1.618_033_988_749_894_9
    let collision = Matrix<Double>(rows: 2, columns: 2, elements: [weight, 0, 0, 1])
    #expect(collision.distinct(.alone).rows == 2)
  }

  @Test func `a tolerance lost in the rounding of the norm is left undecided`() throws {
    #expect(
      try matrix(3, 3, singularValues: [1e6, 1, 1]).countOfSingularValues(above: 1e-4) == nil)
  }

  @Test func `rows and columns of zeros, and nothing else, count nothing`() throws {
    let zero = Matrix<Double>(repeating: 0, rows: 5, columns: 7)
    #expect(try zero.countOfSingularValues(above: 1e-4) == 0)
    var one = zero
    one[3, 2] = 1
    #expect(try one.countOfSingularValues(above: 1e-4) == 1)
    #expect(
      try Matrix<Double>(repeating: 0, rows: 0, columns: 3).countOfSingularValues(above: 1) == 0)
  }

  @Test func `a NaN is refused`() {
    let matrix = Matrix<Double>(repeating: .nan, rows: 2, columns: 2)
    #expect(throws: FactorizationError.notFinite) { try matrix.countOfSingularValues(above: 1) }
  }
}

extension Double {
  fileprivate static func pow(_ base: Double, _ exponent: Int) -> Double {
    (0..<exponent).reduce(1) { product, _ in product * base }
  }
}
