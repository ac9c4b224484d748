import Foundation
import TestSupport
import Testing
import ZerOLinearAlgebra
import ZerOParallelism

@Suite struct LAPACKTests {
  private let backwardError = Tolerance(
    relative: 1e-13, absolute: 1e-13, because: "a few hundred ε of the largest singular value")

  @Test func `the singular values of a diagonal matrix are its sorted magnitudes`() throws {
    let matrix = Matrix<Double>(rows: 3, columns: 3) { i, j in i == j ? [2, -5, 0.25][i] : 0 }
    expectClose(try matrix.singularValues(), [5, 2, 0.25], within: backwardError)
  }

  @Test func `a rectangular matrix and its transpose agree`() throws {
    let matrix = Matrix<Double>(rows: 4, columns: 9) { i, j in Double((3 * i + j * j) % 7) - 3 }
    let values = try matrix.singularValues()
    #expect(values.count == 4)
    expectClose(try matrix.transposed.singularValues(), values, within: backwardError)
    // Σσ² is the square of the Frobenius norm.
    expectClose(
      values.reduce(0) { $0 + $1 * $1 }, matrix.elements.reduce(0) { $0 + $1 * $1 },
      within: backwardError)
  }

  @Test(arguments: [255, 256])
  func `singular values and eigenvalues are exact for rows of any length`(n: Int) throws {
    // The second difference has the eigenvalues 2 − 2·cos(kπ/(n + 1)). Rows of 256 elements are moved apart.
    let matrix = Matrix<Double>(rows: n, columns: n) { i, j in i == j ? 2 : abs(i - j) == 1 ? -1 : 0
    }
    let expected = (1...n).map { 2 - 2 * cos(Double($0) * .pi / Double(n + 1)) }
    expectClose(try matrix.singularValues(), expected.reversed(), within: backwardError)
    let copy = matrix
    expectClose(try copy.consumeIntoEigenvalues(), expected, within: backwardError)
    // Rows of zeros below change nothing.
    let long = Matrix<Double>(rows: n + 7, columns: n) { i, j in i < n ? matrix[i, j] : 0 }
    expectClose(try long.singularValues(), expected.reversed(), within: backwardError)
  }

  @Test func `the Gram matrix of a long matrix is a sum over bands of several blocks`() {
    // Eight bands of 1025 rows, each a block of 1024 rows and one of a single row.
    let matrix = Matrix<Double>(rows: 8200, columns: 128) { i, j in
      Double((i * 7919 + j * 31 + i * j) % 101) / 101
    }
    let (sum, whole) = (matrix.columnGram(.alone), matrix.gram(.alone, ofColumns: true))
    let rounding = Tolerance(
      relative: 1e-12, because: "sums of 8200 positive terms in another order")
    for i in 0..<128 {
      for j in i..<128 { expectClose(sum[i, j], whole[i, j], within: rounding) }
    }
  }

  @Test func `an empty matrix has no singular values`() throws {
    #expect(try Matrix<Double>(repeating: 0, rows: 0, columns: 4).singularValues().isEmpty)
  }

  @Test func `a largest singular value beyond double precision is an overflow error`() {
    let equal = Matrix<Double>(repeating: 1.7e308, rows: 20, columns: 20)
    let other = Matrix<Double>(rows: 20, columns: 20) { i, j in (i * i + j) % 3 < 2 ? 1.7e308 : 0 }
    for matrix in [equal, other] {
      #expect(throws: FactorizationError.overflow) { try matrix.singularValues() }
    }
  }

  @Test func `more rows than 32-bit integers is an error, not a trap`() {
    // A matrix without elements needs no memory.
    let long = Matrix<Double>(repeating: 0, rows: 1 << 31, columns: 0)
    #expect(throws: FactorizationError.tooLong(1 << 31)) { try long.checkLength() }
  }

  @Test(arguments: [Double.nan, .infinity])
  func `non-finite elements are rejected`(element: Double) {
    let matrix = Matrix<Double>(repeating: element, rows: 2, columns: 2)
    #expect(throws: FactorizationError.notFinite) { try matrix.singularValues() }
  }

  private let rounding = Tolerance(absolute: 1e-14, because: "a few roundings in double")

  @Test(arguments: [(5, 5), (9, 4), (3, 1), (1, 1)])
  func `Q is orthonormal and R is upper triangular with a positive diagonal`(m: Int, n: Int) {
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

  @Test(arguments: [(5, 5), (9, 4), (3, 1), (1, 1)])
  func `the triangular factor has the Gram matrix of the whole, also if columns repeat`(
    m: Int, n: Int
  ) {
    for period in [1, 2, 100] {
      let matrix = Matrix<Double>(rows: m, columns: n) { i, j in
        j % period == 1 ? 0 : Double((5 * i + 3 * (j % period) + 2) % 11 - 5)
      }
      let r = matrix.triangularFactor()
      #expect(r.rows == n && r.columns == n)
      for i in 0..<n { for j in 0..<i { #expect(r[i, j] == 0) } }
      expectClose(
        (r.transposed * r).elements, (matrix.transposed * matrix).elements,
        within: Tolerance(absolute: 1e-12, because: "a few hundred ε of the largest element"))
    }
  }
}
