// All singular values, the quickest way that is good enough.

public import Parallelism

extension Matrix<Double> {
  /// The singular values of any matrix, each within a small share of itself where that is quick to have.
  ///
  /// By way of the Gram matrix if the smallest value comes out well enough. It can't where rows or columns are
  /// copies of each other: then those are left out, as in `singularValuesOfDistinctPart(_:)`, and what is left is
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
    var part = distinct(team)
    // The matrix is finite, or the first attempt would have thrown; of copies one is left, times the square root of
    // their number.
    guard part.isFinite else { throw .overflow }
    let isSmaller = part.rows < rows || part.columns < columns
    let quick =
      isSmaller ? try part.singularValuesByGram(within: relativeError, team: team) : nil
    let values = if let quick { quick } else { try part.consumeIntoSingularValues() }
    return values + [Double](repeating: 0, count: Swift.min(rows, columns) - values.count)
  }
}
