// Matrix products. OpenBLAS does the work, on the calling thread alone: parallel work is cut into row
// blocks by the package itself, so that the bits are the same on any number of cores.

extension RowBlock {
  /// C ← α·A·op(B) + β·C for these rows of C.
  ///
  /// op(X) is X or Xᵀ. With β = 1 the product is added to C without a second matrix, which is how a
  /// gradient step is taken: W ← W − lr·δ·Xᵀ is one call.
  ///
  /// - Parameters:
  ///   - left: A, m × k, all of its rows.
  ///   - right: B, with op(B) of k × n.
  ///   - transposingRight: Whether op(B) = Bᵀ.
  ///   - alpha: α.
  ///   - beta: β; with 0, C's old elements are not read.
  /// - Precondition: C is m × n, and the inner extents agree.
  /// - Complexity: 2·n·k floating-point operations a row.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func multiply(
    _ left: Matrix<Scalar>, by right: Matrix<Scalar>, transposingRight: Bool = false,
    alpha: Scalar = 1, beta: Scalar = 0
  ) {
    let (m, k) = (left.rows, left.columns)
    let (inner, n) = transposingRight ? (right.columns, right.rows) : (right.rows, right.columns)
    precondition(
      k == inner && m == rowCount && columns == n,
      "a product of \(m) × \(k) and \(inner) × \(n) into \(rowCount) × \(columns)")
    BLAS.useOneThread()
    let offset = rows.lowerBound * k
    unsafe left.elements.withUnsafeBufferPointer { a in
      unsafe right.elements.withUnsafeBufferPointer { b in
        unsafe Scalar.gemm(
          Multiplication(
            transposesLeft: false, transposesRight: transposingRight, rows: rows.count,
            columns: columns, inner: k, alpha: alpha,
            left: a.baseAddress.map { unsafe $0 + offset },
            leftStride: Swift.max(1, left.columns), right: b.baseAddress,
            rightStride: Swift.max(1, right.columns), beta: beta, result: base,
            resultStride: Swift.max(1, columns)))
      }
    }
  }

  /// P ← Aᵀ·B for some rows of A and the same rows of B: these rows' part of the whole product, which
  /// is the sum of such parts.
  ///
  /// - Parameters:
  ///   - left: A, some of its rows; n of its columns.
  ///   - right: B, all of its rows; as many columns as P.
  /// - Precondition: P has n rows, and A and B have equally many.
  /// - Complexity: 2·n·k floating-point operations a column, k the number of rows taken.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func multiply(transposing left: borrowing RowBlock, by right: Matrix<Scalar>) {
    precondition(
      left.rowCount == right.rows && rows.count == left.columns && columns == right.columns,
      "a part of the product of \(left.columns) × \(left.rowCount) and \(right.rows) × "
        + "\(right.columns) into \(rows.count) × \(columns)")
    BLAS.useOneThread()
    let (taken, leftStart) = unsafe (left.rows, left.base)
    let leftStride = Swift.max(1, left.columns)
    unsafe right.elements.withUnsafeBufferPointer { b in
      unsafe Scalar.gemm(
        Multiplication(
          transposesLeft: true, transposesRight: false, rows: rows.count, columns: columns,
          inner: taken.count, alpha: 1, left: leftStart, leftStride: leftStride,
          right: b.baseAddress.map { unsafe $0 + taken.lowerBound * right.columns },
          rightStride: Swift.max(1, right.columns), beta: 0, result: base,
          resultStride: Swift.max(1, columns)))
    }
  }
}

extension Matrix {
  /// C ← α·A·op(B) + β·C, in place and on the calling thread: `RowBlock.multiply` for all rows.
  ///
  /// - Precondition: C, the receiver, is m × n, and the inner extents agree.
  /// - Complexity: 2·m·n·k floating-point operations.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public mutating func multiply(
    _ left: Matrix, by right: Matrix, transposingRight: Bool = false, alpha: Scalar = 1,
    beta: Scalar = 0
  ) {
    precondition(
      rows == left.rows, "a product of \(left.rows) rows into a matrix of \(rows)")
    writeRows { block in
      block.multiply(
        left, by: right, transposingRight: transposingRight, alpha: alpha, beta: beta)
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
}
