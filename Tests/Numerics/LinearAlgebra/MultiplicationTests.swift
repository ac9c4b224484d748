import TestSupport
import Testing
import ZerOLinearAlgebra

@Suite struct MultiplicationTests {
  /// The product by its definition, summed in double precision.
  private func naive(
    _ left: Matrix<Double>, _ b: Matrix<Double>, _ transposesB: Bool, alpha: Double, beta: Double,
    c: Matrix<Double>
  ) -> Matrix<Double> {
    let right = transposesB ? b.transposed : b
    return Matrix(rows: c.rows, columns: c.columns) { i, j in
      var sum = 0.0
      for k in 0..<left.columns { sum += left[i, k] * right[k, j] }
      return alpha * sum + beta * c[i, j]
    }
  }

  private func pattern<Scalar>(_ rows: Int, _ columns: Int, _ phase: Int) -> Matrix<Scalar> {
    Matrix(rows: rows, columns: columns) { i, j in Scalar((7 * i + 5 * j + phase) % 11 - 5) / 8 }
  }

  @Test(arguments: [(1, 1, 1), (3, 4, 5), (64, 33, 17), (2, 64, 1)], [true, false])
  func `products agree with the definition in both precisions`(
    extents: (m: Int, n: Int, k: Int), accumulates: Bool
  ) {
    let (m, n, k) = extents
    for transposesB in [false, true] {
      func check<Scalar: MatrixScalar>(_: Scalar.Type) {
        let a: Matrix<Scalar> = pattern(m, k, 1)
        let b: Matrix<Scalar> = transposesB ? pattern(n, k, 2) : pattern(k, n, 2)
        var c: Matrix<Scalar> = pattern(m, n, 3)
        let (alpha, beta): (Scalar, Scalar) = (-0.5, accumulates ? 1 : 0)
        let expected = naive(
          Matrix(a), Matrix(b), transposesB, alpha: Double(alpha), beta: Double(beta),
          c: Matrix(c))
        c.multiply(
          a, by: b, transposingRight: transposesB, alpha: alpha,
          beta: beta)
        // Elements are multiples of 1/8, so every partial sum is exact in both precisions.
        #expect(Matrix<Double>(c) == expected)
      }
      check(Float.self)
      check(Double.self)
    }
  }

  @Test(arguments: [5, 130, 1030])
  func `partial products over blocks of rows sum to the product`(rows: Int) {
    var left: Matrix<Float> = pattern(rows, 4, 1)
    let right: Matrix<Float> = pattern(rows, 3, 2)
    let count = Matrix<Float>.blockCount(rows: rows)
    var parts = Matrix<Float>(repeating: .nan, rows: 4 * count, columns: 3)
    left.writeRows(with: &parts) { block, part in part.multiply(transposing: block, by: right) }
    var sum = Matrix<Float>(repeating: .nan, rows: 4, columns: 3)
    sum.writeRows { [parts] in $0.addUp(parts) }
    // Elements are multiples of 1/8, so sums are exact.
    #expect(sum == left.transposed * right)
    #expect(count == 1 || parts.elements.prefix(12) != sum.elements[...])
  }

  @Test func `with beta = 0 old elements are not read, not even NaN`() {
    var c = Matrix<Float>(repeating: .nan, rows: 2, columns: 2)
    c.multiply(.identity(rows: 2, columns: 2), by: .identity(rows: 2, columns: 2))
    #expect(c == .identity(rows: 2, columns: 2))
  }

  @Test func `an empty inner dimension gives zeros`() {
    let product =
      Matrix<Float>(repeating: 0, rows: 2, columns: 0) * Matrix(repeating: 0, rows: 0, columns: 3)
    #expect(product == Matrix(repeating: 0, rows: 2, columns: 3))
  }
}
