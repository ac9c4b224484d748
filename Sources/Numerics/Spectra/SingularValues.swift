// Methods for all singular values that are faster than LAPACK's decomposition. The eigenvalues of AᵀA are the squares
// of the singular values; they cost half as much for a square matrix and much less for a long one. Squaring loses
// accuracy in small values, so an error bound decides whether they are used. Duplicate rows and columns are merged
// first.

public import ZerOLinearAlgebra
public import ZerOParallelism
import ZerORequirements

extension Matrix<Double> {
  /// The singular values of any matrix, by the fastest method that is accurate enough.
  ///
  /// The methods are tried in this order:
  ///
  /// 1. The Gram matrix of A, if the relative error of every value is below `relativeError`.
  /// 2. The Gram matrix of A without duplicate rows and columns, under the same condition.
  /// 3. `singularValues()` of A without duplicates, whose absolute error is a small multiple of ε·σ₁.
  ///
  /// - Parameters:
  ///   - relativeError: The maximum relative error of a value from a Gram matrix, above 0.
  ///   - team: The threads that share the work.
  /// - Returns: σ₁ ≥ σ₂ ≥ … ≥ 0, min(m, n) of them.
  /// - Throws: `FactorizationError` if an element is not finite, a value or the size is too large, or the iteration
  ///   does not converge.
  /// - Complexity: That of the matrix without duplicates. Temporary memory is two matrices of min(m, n) × min(m, n), and
  ///   a copy of A if it has duplicates, is used again, or is nearly square.
  public consuming func singularValues(within relativeError: Double, team: ThreadTeam = .alone)
    throws(FactorizationError) -> [Double]
  {
    if let values = try singularValuesByGram(within: relativeError, team: team) { return values }
    return try singularValuesWithoutDuplicates(within: relativeError, team: team)
  }

  /// The second and the third method of `singularValues(within:team:)`, for a matrix for which the first has failed.
  ///
  /// - Parameters:
  ///   - relativeError: The maximum relative error of a value from a Gram matrix, above 0.
  ///   - team: The threads that share the work.
  /// - Returns: σ₁ ≥ σ₂ ≥ … ≥ 0, min(m, n) of them.
  /// - Throws: `FactorizationError` if a value or the size is too large, or the iteration does not converge.
  package consuming func singularValuesWithoutDuplicates(
    within relativeError: Double, team: ThreadTeam
  ) throws(FactorizationError) -> [Double] {
    let (rows, columns) = (self.rows, self.columns)
    self = deduplicated(team)
    // The matrix itself is finite, or the first attempt would have thrown. Merging scales rows by √t, which can
    // overflow.
    guard isFinite else { throw .overflow }
    let isSmaller = self.rows < rows || self.columns < columns
    let quick = isSmaller ? try singularValuesByGram(within: relativeError, team: team) : nil
    let values = if let quick { quick } else { try consumeIntoSingularValues() }
    return values + [Double](repeating: 0, count: Swift.min(rows, columns) - values.count)
  }

  /// The singular values of a matrix that may have many equal or zero rows or columns.
  ///
  /// Duplicate rows and columns are merged first, and each contributes a singular value of zero. This is much
  /// faster if many units of a layer are identical, as after training from an identity. Without duplicates the
  /// result equals `singularValues()`.
  ///
  /// - Parameter team: The threads that share the search for duplicates.
  /// - Returns: σ₁ ≥ σ₂ ≥ … ≥ 0, min(m, n) of them.
  /// - Throws: `FactorizationError` if an element is not finite, a value or the size is too large, or the iteration
  ///   does not converge.
  /// - Complexity: That of the matrix without duplicates.
  public func deduplicatedSingularValues(_ team: ThreadTeam = .alone) throws(FactorizationError)
    -> [Double]
  {
    guard isFinite else { throw .notFinite }
    let part = deduplicated(team)
    // Merging scales rows by √t, which can overflow.
    guard part.isFinite else { throw .overflow }
    let values = try part.consumeIntoSingularValues()
    return values + [Double](repeating: 0, count: Swift.min(rows, columns) - values.count)
  }

  /// The singular values from the eigenvalues of AᵀA, if those are accurate enough.
  ///
  /// ```
  /// σᵢ = √λᵢ(AᵀA),   |λ̂ᵢ − λᵢ| ≤ δ = c(k)·u·‖A‖²_F + 4·c(n)·u·‖AᵀA‖_F
  /// ```
  ///
  /// where u = ε/2, n = min(rows, columns), k = max(rows, columns), and c(j) = min(j, 8·√j) bounds the sum of j
  /// rounding errors (see `roundingBound(terms:)`). The first term is the error of the product. The second is the
  /// error of the eigenvalues: the backward error of tridiagonal reduction and iteration is a small multiple of
  /// n·u·‖AᵀA‖_F. The relative error is about δ/(2·λₙ) for σₙ and smaller for larger values.
  ///
  /// - Parameters:
  ///   - relativeError: The maximum relative error of the smallest value, above 0.
  ///   - team: The threads that share the product.
  /// - Returns: σ₁ ≥ … ≥ σₙ, or `nil` if the relative error of σₙ may exceed the maximum. It always does for a
  ///   rank-deficient matrix.
  /// - Throws: `FactorizationError` if an element is not finite, the size is too large, or the iteration does not
  ///   converge.
  /// - Complexity: k·n² + 5/3·n³ floating-point operations. Temporary memory is two n × n matrices. If A has many
  ///   more rows than columns, it is briefly more, but less than half of A.
  ///
  /// Reference: G. H. Golub and C. F. Van Loan, "Matrix Computations", 4th edition (2013), sections 8.3.1 and
  /// 8.6.3; N. J. Higham and T. Mary, "A new approach to probabilistic rounding error analysis", SIAM Journal
  /// on Scientific Computing 41 (2019).
  package func singularValuesByGram(within relativeError: Double, team: ThreadTeam = .alone)
    throws(FactorizationError) -> [Double]?
  {
    guard Swift.min(rows, columns) > 0 else { return [] }
    try checkLength()
    let gram = rows > columns ? columnGram(team) : self.gram(team)
    if !gram.trace.isFinite, !isFinite { throw .notFinite }
    return try Self.singularValues(
      of: gram, terms: Swift.max(rows, columns), within: relativeError)
  }

  /// The same for a long matrix that is not in memory as a whole; see `columnGram(rows:columns:_:ofBlock:)`.
  ///
  /// - Parameters:
  ///   - rows: m.
  ///   - columns: n.
  ///   - relativeError: The maximum relative error of the smallest value, above 0.
  ///   - team: The threads that share the bands.
  ///   - make: Returns a block of rows; called once per block, concurrently.
  /// - Returns: σ₁ ≥ … ≥ σₙ, or `nil` if the relative error of σₙ may exceed the maximum, an element is not finite, or
  ///   the matrix is not long enough for bands.
  /// - Throws: `FactorizationError` if the iteration does not converge.
  package static func singularValuesByGram(
    rows: Int, columns: Int, within relativeError: Double, team: ThreadTeam,
    ofBlock make: @Sendable (Range<Int>) -> Matrix
  ) throws(FactorizationError) -> [Double]? {
    guard columns > 0, rows <= Int32.max,
      let gram = columnGram(rows: rows, columns: columns, team, ofBlock: make)
    else { return nil }
    return try singularValues(of: gram, terms: rows, within: relativeError)
  }

  /// The square roots of the eigenvalues of a Gram matrix, if they are accurate enough.
  ///
  /// - Parameters:
  ///   - gram: The upper triangle of AᵀA or AAᵀ.
  ///   - terms: The number of terms of its sums.
  ///   - relativeError: The maximum relative error of the smallest square root, above 0.
  /// - Returns: The square roots in descending order, or `nil`.
  /// - Throws: `FactorizationError` if the iteration does not converge.
  private static func singularValues(
    of gram: consuming Matrix, terms: Int, within relativeError: Double
  ) throws(FactorizationError) -> [Double]? {
    require(relativeError > 0, "the relative error must be positive, not \(relativeError)")
    let squares = gram.trace
    guard squares.isFinite else { return nil }
    let (ofProduct, ofEigenvalues) = (roundingBound(terms: terms), roundingBound(terms: gram.rows))
    func bound(_ norm: Double) -> Double {
      (ofProduct * squares + 4 * ofEigenvalues * norm) * Double.ulpOfOne / 2
    }
    // The computed λₙ must be at least (1 + 1/(2·relativeError))·bound. A Cholesky factorization, which has a quarter of
    // the operations, detects that it is not. Three bounds are kept in reserve: one for the difference of the computed
    // λₙ from that of the rounded Gram matrix, and two for the rounding errors of the factorization.
    let excess = bound(gram.normOfSymmetric) * (1 / (2 * relativeError) - 2)
    if excess > 0, !gram.isPositiveDefinite(minus: excess) { return nil }
    let values = try gram.consumeIntoEigenvalues()
    let bound = bound(values.reduce(0) { $0 + $1 * $1 }.squareRoot())
    guard bound >= .leastNormalMagnitude else { return nil }
    // The eigenvalues are in ascending order.
    guard values[0] > bound, bound / (2 * (values[0] - bound)) <= relativeError else { return nil }
    return values.reversed().map { $0.squareRoot() }
  }
}

/// A bound on the rounding error of a sum of k terms, relative to u = ε/2 times the sum of magnitudes: min(k, 8·√k).
///
/// The bound k always holds. For independent rounding errors of mean zero, the probability that the error exceeds
/// 8·√k is at most 2·exp(−8²/2) = 3e-14.
///
/// - Parameter terms: k.
/// - Returns: The factor of u.
func roundingBound(terms: Int) -> Double {
  min(Double(terms), 8 * Double(terms).squareRoot())
}
