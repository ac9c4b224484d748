// The factorization that counts positive eigenvalues, and Gram matrices.

import TestSupport
import Testing
import ZerOLinearAlgebra
import ZerOParallelism

@Suite struct LDLFactorizationTests {
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

  /// A symmetric matrix of 2 × 2 diagonal blocks and smaller elements that couple the blocks of the factorization.
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
  func `the positive eigenvalues of an indefinite matrix are counted, with 2 × 2 pivots`(size: Int)
    throws
  {
    // A zero diagonal allows no 1 × 1 pivot. The other elements are too small to change a sign: Gershgorin's
    // circles around ±1 have a radius below 1e-3 · 3 · 300.
    let matrix = pairs(size, diagonal: 0, coupling: 1, rest: 1e-3)
    let whole = LDLFactorization(matrix, minus: 0, growthLimit: 1e6)
    #expect(whole.isComplete && whole.positiveCount == size / 2)
    #expect(LDLFactorization(matrix, minus: 1.95, growthLimit: 1e6).positiveCount == 0)
    #expect(LDLFactorization(matrix, minus: -1.95, growthLimit: 1e6).positiveCount == size)
  }

  @Test(arguments: [6, 128, 129, 300])
  func `equations are solved, with interchanges and both kinds of pivots`(size: Int) {
    // Large elements couple row i with the row that mirrors it in its block, except in every third pair of rows, whose
    // diagonal is large.
    let symmetric = Matrix<Double>(rows: size, columns: size) { i, j in
      let first = i / 128 * 128
      let mirror = first + min(first + 128, size) - 1 - i
      let isPair = min(i, mirror) % 3 > 0
      if i == j { return isPair && mirror != i ? 0 : 2 + Double(i % 5) }
      if j == mirror { return isPair ? 1 : 0 }
      return 1e-3 * Double((3 * min(i, j) + 5 * max(i, j)) % 7 - 3)
    }
    let exact = Matrix<Double>(rows: 3, columns: size) { Double(($0 + 5 * $1) % 7) - 3 }
    for shift in [0, 0.01] {
      let shifted = Matrix<Double>(rows: size, columns: size) {
        symmetric[$0, $1] - ($0 == $1 ? shift : 0)
      }
      let factorization = LDLFactorization(symmetric, minus: shift, growthLimit: 1e6)
      let solution = factorization.solve(exact * shifted)
      expectClose(
        (solution * shifted).elements, (exact * shifted).elements,
        within: Tolerance(absolute: 1e-11, because: "300 roundings of sums of up to 100"),
        "A·x")
      expectClose(
        solution.elements, exact.elements,
        within: Tolerance(absolute: 1e-9, because: "the same, times the condition number"), "x")
    }
  }

  @Test func `a pivot of zero gives no finite solution`() {
    let singular = Matrix<Double>(rows: 2, columns: 2, elements: [1, 0, 0, 0])
    let factorization = LDLFactorization(singular, minus: 0, growthLimit: 10)
    let sides = Matrix<Double>(rows: 1, columns: 2, elements: [1, 1])
    #expect(!factorization.solve(sides).isFinite)
  }

  @Test func `growth from a 2 × 2 pivot with small elements is measured`() {
    // The pivot [[δ, b], [b, δ]] is small, and each of its rows has a large element z in the next block, to which
    // it adds z²/b.
    let (b, z, size) = (1.5e-7, 0.5, 256)
    let matrix = Matrix<Double>(rows: size, columns: size) { i, j in
      switch (min(i, j), max(i, j)) {
      case (0, 0), (1, 1): 1e-9
      case (0, 1): b
      case (0, 200), (1, 201): z
      case (let k, let l): k == l ? 1 : 0
      }
    }
    let factorization = LDLFactorization(matrix, minus: 0, growthLimit: 1e9)
    #expect(factorization.growth >= z * z / b)
    #expect(!LDLFactorization(matrix, minus: 0, growthLimit: 4 * 256).isComplete)
  }

  @Test func `without a shift the growth is the trace, and it is limited`() {
    let matrix = matrix(300, 300, singularValues: (0..<300).map { 1 / Double(1 + $0) })
    let gram = matrix.gram(.alone)
    let trace = (0..<300).reduce(0) { $0 + gram[$1, $1] }
    let easy = LDLFactorization(gram, minus: 0, growthLimit: 1.01 * trace)
    #expect(easy.isComplete && easy.positiveCount == 300)
    expectClose(
      easy.growth, trace, within: Tolerance(relative: 1e-10, because: "sums of n³ rounded terms"))
    #expect(!LDLFactorization(gram, minus: 0, growthLimit: 0.99 * trace).isComplete)
    // The shift makes the first block nearly 0, and the first block is coupled with the second.
    let coupled = Matrix<Double>(rows: 256, columns: 256) { i, j in
      i % 128 != j % 128 ? 0 : i < 128 ? (j < 128 ? 1 + 1e-9 : 1) : j < 128 ? 1 : 2
    }
    #expect(!LDLFactorization(coupled, minus: 1, growthLimit: 4 * (384 + 256)).isComplete)
  }

  @Test(arguments: [1, 3]) func `a Gram matrix of several tiles is A times its transpose`(
    threads: Int
  )
    async throws
  {
    let matrix = Matrix<Double>(rows: 1100, columns: 12) { i, j in Double((7 * i + 5 * j) % 11) - 5
    }
    let gram = try await WorkerPool(threads: threads).run { matrix.gram($0) }
    // Small integers, so every sum is exact.
    let product = matrix * matrix.transposed
    for i in 0..<1100 {
      for j in i..<1100 where gram[i, j] != product[i, j] {
        Issue.record("element (\(i), \(j)) is \(gram[i, j]), not \(product[i, j])")
        return
      }
    }
  }
}
