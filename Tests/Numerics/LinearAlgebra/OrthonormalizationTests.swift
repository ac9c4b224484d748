import LinearAlgebra
import TestSupport
import Testing

@Suite struct OrthonormalizationTests {
  private let rounding = Tolerance(absolute: 1e-14, because: "a few roundings in double")

  @Test(arguments: [(5, 5), (9, 4), (3, 1), (1, 1)])
  func `Q is orthonormal, and R upper triangular with a positive diagonal`(m: Int, n: Int) {
    let matrix = Matrix<Double>(rows: m, columns: n) { i, j in
      Double((5 * i + 3 * j * j + 2) % 11 - 5) + (i == j ? 7 : 0)
    }
    let q = matrix.orthonormalColumns()
    expectClose(
      (q.transposed * q).elements, Matrix<Double>.identity(rows: n, columns: n).elements,
      within: rounding)
    let r = q.transposed * matrix
    for i in 0..<n {
      #expect(r[i, i] > 0)
      for j in 0..<i {
        expectClose(
          r[i, j], 0, within: Tolerance(absolute: 1e-13, because: "ε times the largest element"))
      }
    }
    expectClose(
      (q * r).elements, matrix.elements,
      within: Tolerance(absolute: 1e-13, because: "ε times the largest element"))
  }
}
