// LAPACK's factorizations in double precision: singular values, eigenvalues, and the QR factorization. They are
// slow and reliable; the tests compare every faster rank with them.

internal import COpenBLAS
import ZerORequirements

/// The reasons why a factorization fails.
public enum FactorizationError: Error, Equatable, CustomStringConvertible {
  /// The matrix contains a NaN or an infinity.
  case notFinite

  /// The elements are finite, but the largest singular value exceeds double precision.
  case overflow

  /// The number of rows or columns exceeds LAPACK's 32-bit integers.
  case tooLong(Int)

  /// The iteration did not converge for some of the values.
  case noConvergence(failed: Int)

  /// The error in one line.
  public var description: String {
    switch self {
    case .notFinite:
      "the matrix contains a NaN or an infinity, so it has no singular values"
    case .overflow:
      "all values are finite, but the largest singular value exceeds double precision (1.8e308); divide the values by a "
        + "power of two"
    case .tooLong(let count):
      "the matrix has \(count) rows or columns, and LAPACK supports at most \(Int32.max); split the matrix"
    case .noConvergence(let failed):
      "the singular value iteration did not converge for \(failed) values"
    }
  }
}

extension Matrix<Float> {
  /// The singular values, computed in double precision; see `Matrix<Double>.singularValues()`.
  ///
  /// - Throws: `FactorizationError`.
  public func singularValues() throws(FactorizationError) -> [Double] {
    try Matrix<Double>(self).singularValues()
  }
}

extension Matrix<Double> {
  /// The singular values σ₁ ≥ σ₂ ≥ … ≥ 0, min(m, n) of them.
  ///
  /// LAPACK's `dgesdd` reduces the matrix to bidiagonal form and applies the dqds iteration. The absolute error of
  /// each value is a small multiple of ε·σ₁. An empty matrix has no singular values.
  ///
  /// - Throws: `FactorizationError` if an element is not finite, a value or the size is too large, or the iteration
  ///   does not converge.
  /// - Complexity: About 8/3·n³ floating-point operations for n × n, and one copy of the matrix.
  ///
  /// Reference: K. V. Fernando and B. N. Parlett, "Accurate singular values and differential qd
  /// algorithms", Numerische Mathematik 67 (1994).
  public func singularValues() throws(FactorizationError) -> [Double] {
    let copy = self
    return try copy.consumeIntoSingularValues()
  }

  /// Computes the singular values in the memory of the elements.
  ///
  /// - Complexity: That of `singularValues()`, with a copy only of a matrix whose rows are moved apart.
  package consuming func consumeIntoSingularValues() throws(FactorizationError) -> [Double] {
    guard isFinite else { throw .notFinite }
    let count = Swift.min(rows, columns)
    guard count > 0 else { return [] }
    try checkLength()
    BLAS.useOneThread()

    // A row-major m × n matrix is the column-major transpose, which has the same singular values.
    var values = [Double](repeating: 0, count: count)
    var (elements, stride) = takeElements()
    var integers = [Int32](repeating: 0, count: 8 * count)
    var workspace = [0.0]
    var (m, n, one, info) = (Int32(columns), Int32(rows), Int32(1), Int32(0))
    var length = Int32(-1)  // queries the optimal size of the workspace
    var job = CChar(UInt8(ascii: "N"))
    for _ in 0..<2 {
      unsafe elements.withUnsafeMutableBufferPointer { a in
        unsafe values.withUnsafeMutableBufferPointer { s in
          unsafe dgesdd_(
            &job, &m, &n, a.baseAddress, &stride, s.baseAddress, nil, &one, nil, &one, &workspace,
            &length, &integers, &info, 1)
        }
      }
      require(info >= 0, "dgesdd rejected argument \(-info)")
      guard info == 0 else { throw .noConvergence(failed: Int(info)) }
      guard length == -1 else { break }
      length = Int32(workspace[0])
      workspace = [Double](repeating: 0, count: Int(length))
    }
    // LAPACK scales the matrix internally, so only scaling back can overflow.
    guard values.allSatisfy(\.isFinite) else { throw .overflow }
    return values
  }

  /// The elements of a matrix that is consumed, and the distance between their rows.
  ///
  /// Reduction to bidiagonal or tridiagonal form reads columns of the remaining matrix again and again. Where rows are a
  /// multiple of 512 bytes apart, a column occupies few sets of the cache, and half of a square matrix of 512 × 512 is
  /// read from the next cache each time. Rows with 64 unused bytes behind them don't collide.
  private mutating func takeElements() -> (elements: ContiguousArray<Double>, stride: Int32) {
    let own = elements
    elements = []
    guard columns.isMultiple(of: 64), columns >= 256, rows <= 2 * columns, columns <= 2 * rows
    else {
      return (own, Int32(columns))
    }
    let stride = columns + 8
    var spread = ContiguousArray<Double>()
    spread.reserveCapacity(rows * stride)
    for i in 0..<rows {
      spread.append(contentsOf: own[i * columns..<(i + 1) * columns])
      spread.append(contentsOf: repeatElement(0, count: stride - columns))
    }
    return (spread, Int32(stride))
  }

  /// Checks that the numbers of rows and columns fit LAPACK's 32-bit integers.
  ///
  /// - Throws: `FactorizationError.tooLong`.
  package func checkLength() throws(FactorizationError) {
    let longer = Swift.max(rows, columns)
    guard longer <= Int32.max else { throw .tooLong(longer) }
  }

  /// Computes the eigenvalues of a symmetric matrix, in ascending order, in the memory of the elements.
  ///
  /// Only the upper triangle is read. Its elements must be finite.
  ///
  /// - Throws: `FactorizationError` if the iteration does not converge.
  /// - Precondition: The matrix is square.
  package consuming func consumeIntoEigenvalues() throws(FactorizationError) -> [Double] {
    require(rows == columns, "eigenvalues of \(rows) x \(columns)")
    BLAS.useOneThread()
    var values = [Double](repeating: 0, count: rows)
    var (elements, stride) = takeElements()
    var workspace = [0.0]
    var (n, info, length) = (Int32(rows), Int32(0), Int32(-1))
    // The row-major upper triangle is the column-major lower triangle.
    var (job, triangle) = (CChar(UInt8(ascii: "N")), CChar(UInt8(ascii: "L")))
    for _ in 0..<2 {
      unsafe elements.withUnsafeMutableBufferPointer { a in
        unsafe dsyev_(
          &job, &triangle, &n, a.baseAddress, &stride, &values, &workspace, &length, &info, 1, 1)
      }
      require(info >= 0, "dsyev rejected argument \(-info)")
      guard info == 0 else { throw .noConvergence(failed: Int(info)) }
      guard length == -1 else { break }
      length = Int32(workspace[0])
      workspace = [Double](repeating: 0, count: Int(length))
    }
    return values
  }

  /// Whether a symmetric matrix S minus a multiple of the identity, S − s·I, has a Cholesky factorization.
  ///
  /// Only the upper triangle is read. If the result is `false`, the smallest eigenvalue of S is at most s plus the
  /// rounding errors, which are below (n + 1)·u·trace(S − s·I) with u = ε/2.
  ///
  /// - Parameter shift: s.
  /// - Returns: Whether the factorization exists in floating-point arithmetic.
  /// - Precondition: The matrix is square.
  /// - Complexity: n³/3 floating-point operations and a copy of S.
  ///
  /// Reference: N. J. Higham, "Accuracy and Stability of Numerical Algorithms", 2nd edition (2002), theorem 10.7.
  package func isPositiveDefinite(minus shift: Double) -> Bool {
    require(rows == columns, "a Cholesky factorization of \(rows) x \(columns)")
    BLAS.useOneThread()
    var factor = self
    for i in 0..<rows { factor[i, i] -= shift }
    var (n, info, triangle) = (Int32(rows), Int32(0), CChar(UInt8(ascii: "L")))
    unsafe factor.elements.withUnsafeMutableBufferPointer { a in
      unsafe dpotrf_(&triangle, &n, a.baseAddress, &n, &info, 1)
    }
    require(info >= 0, "dpotrf rejected argument \(-info)")
    return info == 0
  }

  /// Computes the largest eigenvalues of a symmetric matrix and their eigenvectors, and overwrites the elements.
  ///
  /// Only the upper triangle is read. Its elements must be finite. LAPACK's `dsyevr` computes only the eigenvectors
  /// that are returned.
  ///
  /// - Parameter count: k, from 1 to the number of rows n.
  /// - Returns: k eigenvalues in descending order, and a matrix of k × n whose rows are their orthonormal
  ///   eigenvectors.
  /// - Throws: `FactorizationError` if the iteration does not converge.
  /// - Precondition: The matrix is square.
  /// - Complexity: 4/3·n³ + 2·k·n² floating-point operations.
  ///
  /// Reference: E. Anderson and others, "LAPACK Users' Guide", 3rd edition (1999), section 2.4.4.
  package mutating func consumeIntoLeadingEigenvectors(_ count: Int) throws(FactorizationError)
    -> (values: [Double], vectors: Matrix)
  {
    require(
      rows == columns && count >= 1 && count <= rows,
      "\(count) eigenvectors of \(rows) x \(columns)")
    BLAS.useOneThread()
    var values = [Double](repeating: 0, count: rows)
    var vectors = [Double](repeating: 0, count: count * rows)
    var support = [Int32](repeating: 0, count: 2 * count)
    var (workspace, integers) = ([0.0], [Int32(0)])
    var (n, info, length, integerLength) = (Int32(rows), Int32(0), Int32(-1), Int32(-1))
    var (first, last, found) = (Int32(rows - count + 1), Int32(rows), Int32(0))
    var (unused, tolerance) = (0.0, 0.0)
    // The row-major upper triangle is the column-major lower triangle.
    var (job, range, triangle) = (
      CChar(UInt8(ascii: "V")), CChar(UInt8(ascii: "I")), CChar(UInt8(ascii: "L"))
    )
    for _ in 0..<2 {
      unsafe elements.withUnsafeMutableBufferPointer { a in
        unsafe dsyevr_(
          &job, &range, &triangle, &n, a.baseAddress, &n, &unused, &unused, &first, &last,
          &tolerance, &found, &values, &vectors, &n, &support, &workspace, &length, &integers,
          &integerLength, &info, 1, 1, 1)
      }
      require(info >= 0, "dsyevr rejected argument \(-info)")
      guard info == 0 else { throw .noConvergence(failed: Int(info)) }
      guard length == -1 else { break }
      (length, integerLength) = (Int32(workspace[0]), integers[0])
      workspace = [Double](repeating: 0, count: Int(length))
      integers = [Int32](repeating: 0, count: Int(integerLength))
    }
    // LAPACK sorts in ascending order.
    let descending = Matrix(rows: count, columns: rows) { i, j in
      vectors[(count - 1 - i) * rows + j]
    }
    return (values.prefix(count).reversed(), descending)
  }

  /// The factor Q of the thin QR factorization A = Q·R, where R has a positive diagonal.
  ///
  /// If the columns of A are linearly independent, this sign makes Q unique. Where a diagonal element of R is
  /// exactly 0, the column of Q is zero, which follows PyTorch's use of `sign`.
  ///
  /// - Precondition: A is m × n with m ≥ n ≥ 1.
  /// - Returns: Q, m × n, with QᵀQ = I.
  /// - Complexity: About 4·m·n² floating-point operations, and two copies of A.
  ///
  /// Reference: G. H. Golub and C. F. Van Loan, "Matrix Computations", 4th edition (2013), section
  /// 5.2.
  public func orthonormalColumns() -> Matrix {
    var (factor, reflectors) = householderFactors()
    let (m, n) = (Int32(rows), Int32(columns))
    let signs = (0..<columns).map { j -> Double in
      let diagonal = factor[j * rows + j]
      return diagonal > 0 ? 1 : diagonal < 0 ? -1 : 0
    }
    unsafe factor.withUnsafeMutableBufferPointer { a in
      unsafe Self.withWorkspace { workspace, length, info in
        var (m, n) = (m, n)
        unsafe dorgqr_(&m, &n, &n, a.baseAddress, &m, &reflectors, workspace, length, info)
      }
    }
    return Matrix(rows: rows, columns: columns) { i, j in factor[j * rows + i] * signs[j] }
  }

  /// The factor R of the thin QR factorization A = Q·R: upper triangular, n × n.
  ///
  /// A and R have the same singular values and the same AᵀA.
  ///
  /// - Precondition: A is m × n with m ≥ n ≥ 1.
  /// - Complexity: About 2·m·n² floating-point operations, and one copy of A.
  ///
  /// Reference: G. H. Golub and C. F. Van Loan, "Matrix Computations", 4th edition (2013), section
  /// 5.2.
  public func triangularFactor() -> Matrix {
    let factor = householderFactors().factor
    return Matrix(rows: columns, columns: columns) { i, j in i <= j ? factor[j * rows + i] : 0 }
  }

  /// LAPACK's compact form of the thin QR factorization, column-major: R above the reflectors.
  private func householderFactors() -> (factor: ContiguousArray<Double>, reflectors: [Double]) {
    require(
      rows >= columns && columns > 0,
      "a thin QR factorization needs m ≥ n ≥ 1, not \(rows) × \(columns)")
    BLAS.useOneThread()
    // LAPACK expects column-major storage, which is the row-major transpose.
    var factor = transposed.elements
    var reflectors = [Double](repeating: 0, count: columns)
    var (m, n) = (Int32(rows), Int32(columns))
    unsafe factor.withUnsafeMutableBufferPointer { a in
      unsafe Self.withWorkspace { workspace, length, info in
        unsafe dgeqrf_(&m, &n, a.baseAddress, &m, &reflectors, workspace, length, info)
      }
    }
    return (factor, reflectors)
  }

  /// Calls a LAPACK routine twice: to query the optimal size of its workspace, and to compute.
  private static func withWorkspace(
    _ routine: (
      UnsafeMutablePointer<Double>?, UnsafeMutablePointer<Int32>, UnsafeMutablePointer<Int32>
    ) -> Void
  ) {
    var workspace = [0.0]
    var (length, info) = (Int32(-1), Int32(0))
    unsafe routine(&workspace, &length, &info)
    length = Int32(workspace[0])
    workspace = [Double](repeating: 0, count: Int(length))
    unsafe routine(&workspace, &length, &info)
    require(info == 0, "LAPACK rejected argument \(-info)")
  }
}
