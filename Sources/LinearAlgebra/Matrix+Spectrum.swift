// All singular values, the quickest way that is good enough.

public import Parallelism

extension Matrix<Double> {
  /// The singular values of any matrix, each within a small share of itself where that is quick to have.
  ///
  /// Copies of rows and columns are left out first, as in `singularValuesOfDistinctPart(_:)`. What is left goes
  /// by way of its Gram matrix if the smallest value comes out well enough, and otherwise through
  /// `singularValues()`, whose absolute error is a small multiple of ε·σ₁.
  ///
  /// - Parameters:
  ///   - relativeError: What may be lost of a value, above 0.
  ///   - crew: Shares what can be shared.
  /// - Returns: σ₁ ≥ σ₂ ≥ … ≥ 0, min(m, n) of them.
  /// - Throws: `FactorizationError` for elements that are not finite, or without convergence.
  /// - Complexity: that of the distinct part; at most another matrix of A's size, and two of the square of its
  ///   shorter extent.
  public func singularValues(within relativeError: Double, crew: Crew = .alone)
    throws(FactorizationError) -> [Double]
  {
    guard isFinite else { throw .notFinite }
    let part = distinct(crew)
    let quick = try part.singularValuesByGram(within: relativeError, crew: crew)
    let values = if let quick { quick } else { try part.singularValues() }
    return values + [Double](repeating: 0, count: Swift.min(rows, columns) - values.count)
  }
}
