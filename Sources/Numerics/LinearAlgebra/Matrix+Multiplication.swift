// Matrix products. OpenBLAS computes them on the calling thread; the package itself divides parallel work into
// blocks of rows, so results are bit-identical for any number of threads.

import ZerORequirements

extension RowBlock {
  /// Computes C ← α·A·op(B) + β·C for these rows of C.
  ///
  /// op(B) is B or Bᵀ. With β = 1, the product is added to C without temporary storage; so the SGD update
  /// W ← W − lr·δ·Xᵀ is a single call.
  ///
  /// - Parameters:
  ///   - left: A, m × k, with all rows.
  ///   - right: B, where op(B) is k × n.
  ///   - transposingRight: Whether op(B) = Bᵀ.
  ///   - alpha: α.
  ///   - beta: β; if it is 0, the old elements of C are not read.
  /// - Precondition: C is m × n, and the inner dimensions match.
  /// - Complexity: 2·n·k floating-point operations per row.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func multiply(
    _ left: Matrix<Scalar>, by right: Matrix<Scalar>, transposingRight: Bool = false,
    alpha: Scalar = 1, beta: Scalar = 0
  ) {
    let (m, k) = (left.rows, left.columns)
    let (inner, n) = transposingRight ? (right.columns, right.rows) : (right.rows, right.columns)
    require(
      k == inner && m == rowCount && columns == n,
      "cannot multiply \(m) × \(k) by \(inner) × \(n) into \(rowCount) × \(columns)")
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

  /// Computes P ← Aᵀ·B for a block of rows of A and the same rows of B.
  ///
  /// The whole product Aᵀ·B is the sum of P over all blocks.
  ///
  /// - Parameters:
  ///   - left: A block of rows of A, which has n columns.
  ///   - right: B, with all rows and as many columns as P.
  /// - Precondition: P has n rows, and A and B have the same number of rows.
  /// - Complexity: 2·n·k floating-point operations per column, where k is the number of rows of the block.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func multiply(transposing left: borrowing RowBlock, by right: Matrix<Scalar>) {
    require(
      left.rowCount == right.rows && rows.count == left.columns && columns == right.columns,
      "cannot multiply \(left.columns) × \(left.rowCount) by \(right.rows) × "
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
  /// Computes C ← α·A·op(B) + β·C in place and on the calling thread: `RowBlock.multiply` for all rows.
  ///
  /// - Precondition: C, the receiver, is m × n, and the inner dimensions match.
  /// - Complexity: 2·m·n·k floating-point operations.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public mutating func multiply(
    _ left: Matrix, by right: Matrix, transposingRight: Bool = false, alpha: Scalar = 1,
    beta: Scalar = 0
  ) {
    require(
      rows == left.rows, "a product of \(left.rows) rows does not match a matrix of \(rows) rows")
    writeRows { block in
      block.multiply(
        left, by: right, transposingRight: transposingRight, alpha: alpha, beta: beta)
    }
  }

  /// The product A·B.
  ///
  /// - Precondition: A has as many columns as B has rows.
  public static func * (left: Matrix, right: Matrix) -> Matrix {
    var product = Matrix(repeating: 0, rows: left.rows, columns: right.columns)
    product.multiply(left, by: right)
    return product
  }
}
