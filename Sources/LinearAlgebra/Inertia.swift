// Counting singular values without computing them. The singular values of A above τ are as many as the
// eigenvalues of AᵀA above τ², and those are counted by signs: a symmetric matrix and the D of its
// factorisation L·D·Lᵀ have equally many positive eigenvalues.
//
// In this order of importance: never a wrong count, then speed. AᵀA squares the condition, so the count
// is taken at both ends of an interval around τ² that is wider than all rounding; where they differ a
// singular value is too near the tolerance for this method, and it says so.

internal import COpenBLAS

extension Matrix<Double> {
  /// How many singular values are above a tolerance, or `nil` where rounding could decide it.
  ///
  /// ```
  /// #{σᵢ > τ} = #{λ(AᵀA − τ²·I) > 0}
  /// ```
  ///
  /// counted at τ² − δ and τ² + δ with δ = 4·k·ε·‖A‖²_F, k the length of the sums in AᵀA: that bounds the
  /// rounding of the product (k·ε·‖A‖²_F) with room for that of the factorisation. Rows and columns of
  /// zeros are left out first, and of AᵀA and AAᵀ the smaller one is taken.
  ///
  /// - Parameter tolerance: τ > 0; the smaller it is beside the norm, the likelier the answer `nil`.
  /// - Returns: The count, or `nil`.
  /// - Throws: `FactorizationError.notFinite`.
  /// - Complexity: about n³ + 2·n³/3 floating-point operations for n × n, where the singular values
  ///   themselves take 8/3·n³ slower ones; three copies of the matrix.
  ///
  /// Reference: J. J. Sylvester, "A demonstration of the theorem that every homogeneous quadratic
  /// polynomial is reducible by real orthogonal substitutions to the form of a sum of positive and
  /// negative squares", Philosophical Magazine 4 (1852); J. R. Bunch and L. Kaufman, "Some stable
  /// methods for calculating inertia and solving symmetric linear systems", Mathematics of
  /// Computation 31 (1977).
  public func countOfSingularValues(above tolerance: Double) throws(FactorizationError) -> Int? {
    precondition(tolerance > 0, "singular values above \(tolerance)")
    guard isFinite else { throw .notFinite }
    let dense = withoutZeroRows().transposed.withoutZeroRows()
    guard dense.rows > 0 else { return 0 }
    let (gram, terms) = dense.smallerGram()
    let squares = dense.elements.reduce(0) { $0 + $1 * $1 }
    let margin = 4 * Double(terms) * Double.ulpOfOne * squares
    let square = tolerance * tolerance
    guard margin < square else { return nil }
    let count = gram.countOfEigenvalues(above: square - margin)
    return count == gram.countOfEigenvalues(above: square + margin) ? count : nil
  }

  private func withoutZeroRows() -> Matrix {
    let kept = (0..<rows).filter { i in
      self.elements[i * columns..<(i + 1) * columns].contains { $0 != 0 }
    }
    guard kept.count < rows else { return self }
    var elements = ContiguousArray<Double>()
    elements.reserveCapacity(kept.count * columns)
    for i in kept { elements += self.elements[i * columns..<(i + 1) * columns] }
    return Matrix(rows: kept.count, columns: columns, elements: elements)
  }

  /// The upper triangle of AAᵀ or AᵀA, whichever is smaller, and the number of terms of its sums.
  private func smallerGram() -> (gram: Matrix, terms: Int) {
    BLAS.useOneThread()
    let usesRows = rows <= columns
    let (size, terms) = usesRows ? (rows, columns) : (columns, rows)
    var gram = Matrix(repeating: 0, rows: size, columns: size)
    unsafe elements.withUnsafeBufferPointer { a in
      unsafe gram.elements.withUnsafeMutableBufferPointer { g in
        unsafe cblas_dsyrk(
          CblasRowMajor, CblasUpper, usesRows ? CblasNoTrans : CblasTrans, blasint(size),
          blasint(terms), 1, a.baseAddress, blasint(columns), 0, g.baseAddress, blasint(size))
      }
    }
    return (gram, terms)
  }

  /// The number of eigenvalues of a symmetric matrix, given by its upper triangle, above a number.
  private func countOfEigenvalues(above shift: Double) -> Int {
    var factor = elements
    for i in 0..<rows { factor[i * columns + i] -= shift }
    var pivots = [Int32](repeating: 0, count: rows)
    var (n, info, length) = (Int32(rows), Int32(0), Int32(-1))
    var workspace = [0.0]
    // The upper triangle by rows is the lower triangle by columns.
    var triangle = CChar(UInt8(ascii: "L"))
    for _ in 0..<2 {
      unsafe factor.withUnsafeMutableBufferPointer { a in
        unsafe dsytrf_(&triangle, &n, a.baseAddress, &n, &pivots, &workspace, &length, &info, 1)
      }
      precondition(info >= 0, "dsytrf refused its argument \(-info)")
      guard length == -1 else { break }
      length = Int32(workspace[0])
      workspace = [Double](repeating: 0, count: Int(length))
    }
    var (count, k) = (0, 0)
    while k < rows {
      let first = factor[k * columns + k]
      if pivots[k] > 0 {
        if first > 0 { count += 1 }
        k += 1
      } else {
        // A block of two: its determinant tells whether the signs differ.
        let (coupling, second) = (factor[k * columns + k + 1], factor[(k + 1) * columns + k + 1])
        let determinant = first * second - coupling * coupling
        if determinant < 0 { count += 1 } else if first > 0 { count += 2 }
        k += 2
      }
    }
    return count
  }
}
