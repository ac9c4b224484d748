// Matrix products. OpenBLAS does the work, on the calling thread alone: the package finds its
// parallelism in independent runs, and one thread a product keeps the bits the same on any machine
// with the same kernel.

extension Matrix {
  /// C ← α·op(A)·op(B) + β·C, in place.
  ///
  /// op(X) is X or Xᵀ. With β = 1 the product is added to C without a second matrix, which is how a
  /// gradient step is taken: W ← W − lr·δ·Xᵀ is one call.
  ///
  /// - Parameters:
  ///   - left: A, with op(A) of m × k.
  ///   - transposingLeft: Whether op(A) = Aᵀ.
  ///   - right: B, with op(B) of k × n.
  ///   - transposingRight: Whether op(B) = Bᵀ.
  ///   - alpha: α.
  ///   - beta: β; with 0, C's old elements are not read.
  /// - Precondition: C, the receiver, is m × n, and the inner extents agree.
  /// - Complexity: 2·m·n·k floating-point operations.
  public mutating func multiply(
    _ left: Matrix, transposingLeft: Bool = false, by right: Matrix,
    transposingRight: Bool = false, alpha: Scalar = 1, beta: Scalar = 0
  ) {
    let (m, k) = transposingLeft ? (left.columns, left.rows) : (left.rows, left.columns)
    let (inner, n) = transposingRight ? (right.columns, right.rows) : (right.rows, right.columns)
    precondition(
      k == inner && rows == m && columns == n,
      "a product of \(m) × \(k) and \(inner) × \(n) into a matrix of \(rows) × \(columns)")
    BLAS.useOneThread()
    let stride = columns
    unsafe left.elements.withUnsafeBufferPointer { a in
      unsafe right.elements.withUnsafeBufferPointer { b in
        unsafe elements.withUnsafeMutableBufferPointer { c in
          unsafe Scalar.gemm(
            Multiplication(
              transposesLeft: transposingLeft, transposesRight: transposingRight, rows: m,
              columns: n, inner: k, alpha: alpha, left: a.baseAddress,
              leftStride: Swift.max(1, left.columns), right: b.baseAddress,
              rightStride: Swift.max(1, right.columns), beta: beta, result: c.baseAddress,
              resultStride: Swift.max(1, stride)))
        }
      }
    }
  }

  /// A·B, a new matrix.
  ///
  /// - Precondition: A has as many columns as B has rows.
  public static func * (left: Matrix, right: Matrix) -> Matrix {
    var product = Matrix(repeating: 0, rows: left.rows, columns: right.columns)
    product.multiply(left, by: right)
    return product
  }

  /// A − B, element by element.
  ///
  /// - Precondition: Both have the same shape.
  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  public static func - (left: Matrix, right: Matrix) -> Matrix {
    precondition(
      left.rows == right.rows && left.columns == right.columns,
      "\(left.rows) × \(left.columns) minus \(right.rows) × \(right.columns)")
    var difference = left
    for i in difference.elements.indices { difference.elements[i] -= right.elements[i] }
    return difference
  }
}
