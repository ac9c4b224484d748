// Orthonormal columns from any columns, through LAPACK's QR factorization.

internal import COpenBLAS

extension Matrix<Double> {
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
