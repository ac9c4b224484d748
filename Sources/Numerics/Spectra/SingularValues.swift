// Singular values by way of AᵀA: its eigenvalues are their squares, and cost half as much where A is square and far
// less where it is long. Squaring loses small values, so the answer comes with a bound, and without an answer where
// the bound is too wide; `singularValues()` is the way that always works.

public import LinearAlgebra
public import Parallelism

extension Matrix<Double> {
  /// The singular values of any matrix, each within a small share of itself where that is quick to have.
  ///
  /// By way of the Gram matrix if the smallest value comes out well enough. It can't where rows or columns are
  /// copies of each other: then those are left out, as in `deduplicatedSingularValues(_:)`, and what is left is
  /// tried again. What remains goes through `singularValues()`, whose absolute error is a small multiple of ε·σ₁.
  ///
  /// - Parameters:
  ///   - relativeError: What may be lost of a value, above 0.
  ///   - team: Shares what can be shared.
  /// - Returns: σ₁ ≥ σ₂ ≥ … ≥ 0, min(m, n) of them.
  /// - Throws: `FactorizationError` for elements that are not finite, or without convergence.
  /// - Complexity: that of the distinct part; beside A at most another matrix of its size and one of the square
  ///   of its shorter extent, each while it is needed.
  public func singularValues(within relativeError: Double, team: ThreadTeam = .alone)
    throws(FactorizationError) -> [Double]
  {
    if let values = try singularValuesByGram(within: relativeError, team: team) { return values }
    var part = deduplicated(team)
    // The matrix is finite, or the first attempt would have thrown; of copies one is left, times the square root of
    // their number.
    guard part.isFinite else { throw .overflow }
    let isSmaller = part.rows < rows || part.columns < columns
    let quick =
      isSmaller ? try part.singularValuesByGram(within: relativeError, team: team) : nil
    let values = if let quick { quick } else { try part.consumeIntoSingularValues() }
    return values + [Double](repeating: 0, count: Swift.min(rows, columns) - values.count)
  }

  /// The singular values of a matrix that may have many equal or zero rows or columns.
  ///
  /// The copies are left out first, and come back as zeros: much faster where a layer's units are copies
  /// of each other, as after training from an identity, and `singularValues()` where there are none.
  ///
  /// - Parameter team: Shares the search for copies.
  /// - Returns: σ₁ ≥ σ₂ ≥ … ≥ 0, min(m, n) of them.
  /// - Throws: `FactorizationError` for elements that are not finite, or without convergence.
  /// - Complexity: that of the distinct part.
  public func deduplicatedSingularValues(_ team: ThreadTeam = .alone) throws(FactorizationError)
    -> [Double]
  {
    guard isFinite else { throw .notFinite }
    var part = deduplicated(team)
    // Copies count as one, times the square root of their number.
    guard part.isFinite else { throw .overflow }
    let values = try part.consumeIntoSingularValues()
    return values + [Double](repeating: 0, count: Swift.min(rows, columns) - values.count)
  }

  /// The singular values, where the eigenvalues of AᵀA give them well enough.
  ///
  /// ```
  /// σᵢ = √λᵢ(AᵀA),   |λ̂ᵢ − λᵢ| ≤ δ = c(k)·u·‖A‖²_F + 4·c(n)·u·‖AᵀA‖_F
  /// ```
  ///
  /// with u = ε/2, n the shorter extent, k the longer one, and c(j) = min(j, 8·√j) what rounding errors of
  /// mean zero add up to, exceeded with a probability of 3e-14 (as in `countOfSingularValues(above:team:)`): once
  /// for the product, and for the reduction to tridiagonal form and its iteration, whose backward error is a
  /// small multiple of n·u·‖AᵀA‖_F. The relative error of σₙ is then about δ/(2·λₙ), and of larger values less.
  ///
  /// - Parameters:
  ///   - relativeError: What may be lost of the smallest value, above 0.
  ///   - team: Shares the product.
  /// - Returns: σ₁ ≥ … ≥ σₙ, or `nil` where the smallest one could be off by more, as always for a matrix
  ///   without full rank.
  /// - Throws: `FactorizationError` for elements that are not finite, or without convergence.
  /// - Complexity: k·n² + 4/3·n³ floating-point operations; beside A a matrix of n × n, and for a moment some more
  ///   where A has many more rows than columns, altogether less than half of A.
  ///
  /// Reference: G. H. Golub and C. F. Van Loan, "Matrix Computations", 4th edition (2013), sections 8.3.1 and
  /// 8.6.3; N. J. Higham and T. Mary, "A new approach to probabilistic rounding error analysis", SIAM Journal
  /// on Scientific Computing 41 (2019).
  package func singularValuesByGram(within relativeError: Double, team: ThreadTeam = .alone)
    throws(FactorizationError) -> [Double]?
  {
    precondition(relativeError > 0, "singular values within \(relativeError)")
    let (shorter, longer) = (Swift.min(rows, columns), Swift.max(rows, columns))
    guard shorter > 0 else { return [] }
    try checkLength()
    var gram = rows > columns ? columnGram(team) : self.gram(team)
    let squares = (0..<shorter).reduce(0) { $0 + gram[$1, $1] }
    // What is not finite makes the sum so; a sum may also be too large of numbers that are.
    guard squares.isFinite || isFinite else { throw .notFinite }
    guard squares.isFinite else { return nil }
    let values = try gram.consumeIntoEigenvalues()
    let norm = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
    let bound =
      (roundingBound(terms: longer) * squares + 4 * roundingBound(terms: shorter) * norm)
      * Double.ulpOfOne / 2
    guard bound >= .leastNormalMagnitude else { return nil }
    // In ascending order.
    guard values[0] > bound, bound / (2 * (values[0] - bound)) <= relativeError else { return nil }
    return values.reversed().map { $0.squareRoot() }
  }
}

/// A bound on the rounding error of a sum, in units of u = ε/2 times the sum of magnitudes: min(k, 8·√k).
///
/// - Parameter terms: k.
/// - Returns: The factor of u.
func roundingBound(terms: Int) -> Double {
  min(Double(terms), 8 * Double(terms).squareRoot())
}
