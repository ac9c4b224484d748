// Singular values through LAPACK, in double precision. This is the slow and certain way; everything
// in the package that claims a rank is held against it.

internal import COpenBLAS

/// What can go wrong in a factorization.
public enum FactorizationError: Error, Equatable, CustomStringConvertible {
  /// The matrix holds a NaN or an infinity; LAPACK's answer would mean nothing.
  case notFinite

  /// The matrix is finite, but its largest singular value isn't in double precision.
  case overflow

  /// More rows or columns than LAPACK's 32-bit integers count.
  case tooLong(Int)

  /// The iteration did not converge.
  case noConvergence(failed: Int)

  /// The error in one line.
  public var description: String {
    switch self {
    case .notFinite:
      "the matrix holds a NaN or an infinity, so it has no singular values"
    case .overflow:
      "all values are finite, but the largest singular value is beyond double precision (1.8e308); divide the values "
        + "by a power of two"
    case .tooLong(let count):
      "\(count) rows or columns, and LAPACK counts to \(Int32.max); cut the matrix into parts"
    case .noConvergence(let failed):
      "the singular value iteration did not converge (\(failed) values left)"
    }
  }
}

extension Matrix<Double> {
  /// The singular values σ₁ ≥ σ₂ ≥ … ≥ 0, min(m, n) of them.
  ///
  /// By reduction to bidiagonal form and the dqds iteration (what LAPACK's `dgesdd` does without
  /// vectors), whose absolute error is a small multiple of ε·σ₁. An empty matrix has none.
  ///
  /// - Throws: `FactorizationError` for elements that are not finite, for values or sizes that are too large, or without
  ///   convergence.
  /// - Complexity: about 8/3·n³ floating-point operations for n × n; a copy of the matrix.
  ///
  /// Reference: K. V. Fernando and B. N. Parlett, "Accurate singular values and differential qd
  /// algorithms", Numerische Mathematik 67 (1994).
  public func singularValues() throws(FactorizationError) -> [Double] {
    var copy = self
    return try copy.consumeIntoSingularValues()
  }

  /// The same, by overwriting the elements.
  package mutating func consumeIntoSingularValues() throws(FactorizationError) -> [Double] {
    guard isFinite else { throw .notFinite }
    let count = Swift.min(rows, columns)
    guard count > 0 else { return [] }
    try checkLength()
    BLAS.useOneThread()

    // Row-major m × n is column-major n × m: the transpose, which has the same singular values.
    var values = [Double](repeating: 0, count: count)
    var integers = [Int32](repeating: 0, count: 8 * count)
    var workspace = [0.0]
    var (m, n, one, info) = (Int32(columns), Int32(rows), Int32(1), Int32(0))
    var length = Int32(-1)  // asks for the best length of the workspace
    var job = CChar(UInt8(ascii: "N"))
    for _ in 0..<2 {
      unsafe elements.withUnsafeMutableBufferPointer { a in
        unsafe values.withUnsafeMutableBufferPointer { s in
          unsafe dgesdd_(
            &job, &m, &n, a.baseAddress, &m, s.baseAddress, nil, &one, nil, &one, &workspace,
            &length, &integers, &info, 1)
        }
      }
      precondition(info >= 0, "dgesdd refused its argument \(-info)")
      guard info == 0 else { throw .noConvergence(failed: Int(info)) }
      guard length == -1 else { break }
      length = Int32(workspace[0])
      workspace = [Double](repeating: 0, count: Int(length))
    }
    // LAPACK computes with scaled values, and scales back.
    guard values.allSatisfy(\.isFinite) else { throw .overflow }
    return values
  }

  /// Whether BLAS and LAPACK can count the rows and columns.
  ///
  /// - Throws: `FactorizationError.tooLong`.
  package func checkLength() throws(FactorizationError) {
    let longer = Swift.max(rows, columns)
    guard longer <= Int32.max else { throw .tooLong(longer) }
  }

  /// The eigenvalues of a symmetric matrix, in ascending order; only its upper triangle is read, and it is lost.
  package mutating func consumeIntoEigenvalues() throws(FactorizationError) -> [Double] {
    BLAS.useOneThread()
    var values = [Double](repeating: 0, count: rows)
    var workspace = [0.0]
    var (n, info, length) = (Int32(rows), Int32(0), Int32(-1))
    // The upper triangle by rows is the lower triangle by columns.
    var (job, triangle) = (CChar(UInt8(ascii: "N")), CChar(UInt8(ascii: "L")))
    for _ in 0..<2 {
      unsafe elements.withUnsafeMutableBufferPointer { a in
        unsafe dsyev_(
          &job, &triangle, &n, a.baseAddress, &n, &values, &workspace, &length, &info, 1, 1)
      }
      precondition(info >= 0, "dsyev refused its argument \(-info)")
      guard info == 0 else { throw .noConvergence(failed: Int(info)) }
      guard length == -1 else { break }
      length = Int32(workspace[0])
      workspace = [Double](repeating: 0, count: Int(length))
    }
    return values
  }

  /// Q of the thin factorization A = Q·R with R's diagonal positive.
  ///
  /// With that sign Q is unique for columns that are linearly independent, whatever the algorithm.
  /// A column of R whose diagonal is exactly 0 gets a column of zeros, as PyTorch's `sign` gives it.
  ///
  /// - Precondition: A is m × n with m ≥ n ≥ 1.
  /// - Returns: Q, m × n, QᵀQ = I.
  /// - Complexity: about 4·m·n² floating-point operations; two copies of A.
  ///
  /// Reference: G. H. Golub and C. F. Van Loan, "Matrix Computations", 4th edition (2013), section
  /// 5.2.
  public func orthonormalColumns() -> Matrix {
    precondition(rows >= columns && columns > 0, "no thin Q of a matrix of \(rows) × \(columns)")
    BLAS.useOneThread()
    // Column-major is the transpose's row-major.
    var factor = transposed.elements
    var reflectors = [Double](repeating: 0, count: columns)
    var (m, n, info) = (Int32(rows), Int32(columns), Int32(0))

    /// Calls a routine twice: to ask for the best length of its workspace, and to do its work.
    func withWorkspace(
      _ routine: (UnsafeMutablePointer<Double>?, UnsafeMutablePointer<Int32>) -> Void
    ) {
      var workspace = [0.0]
      var length = Int32(-1)
      unsafe routine(&workspace, &length)
      length = Int32(workspace[0])
      workspace = [Double](repeating: 0, count: Int(length))
      unsafe routine(&workspace, &length)
      precondition(info == 0, "LAPACK refused its argument \(-info)")
    }

    unsafe factor.withUnsafeMutableBufferPointer { a in
      unsafe withWorkspace { workspace, length in
        unsafe dgeqrf_(&m, &n, a.baseAddress, &m, &reflectors, workspace, length, &info)
      }
    }
    let signs = (0..<columns).map { j -> Double in
      let diagonal = factor[j * rows + j]
      return diagonal > 0 ? 1 : diagonal < 0 ? -1 : 0
    }
    unsafe factor.withUnsafeMutableBufferPointer { a in
      unsafe withWorkspace { workspace, length in
        unsafe dorgqr_(&m, &n, &n, a.baseAddress, &m, reflectors, workspace, length, &info)
      }
    }
    return Matrix(rows: rows, columns: columns) { i, j in factor[j * rows + i] * signs[j] }
  }
}
