// Where the line is drawn between a singular value and zero.

/// How the tolerance of a numerical rank follows from a matrix.
public enum ToleranceRule: Hashable, Sendable, CustomStringConvertible {
  /// τ as it is given; the notebook takes 1e-4.
  case absolute(Double)

  /// τ = r·σ₁.
  case relative(Double)

  /// τ = σ₁·max(m, n)·ε, what `numpy.linalg.matrix_rank` takes when it isn't told.
  ///
  /// It stands for the error of a decomposition in the precision ε, and says nothing of what is small for a
  /// network.
  ///
  /// Reference: NumPy, `numpy.linalg.matrix_rank`; W. H. Press, S. A. Teukolsky, W. T. Vetterling and B. P.
  /// Flannery, "Numerical Recipes", 3rd edition (2007), page 795.
  case numPy

  /// The tolerance for a matrix.
  ///
  /// - Parameters:
  ///   - largest: σ₁.
  ///   - rows: m.
  ///   - columns: n.
  ///   - epsilon: ε, the distance from 1 to the next number of the matrix's type.
  /// - Returns: τ, absolute.
  public func tolerance(largest: Double, rows: Int, columns: Int, epsilon: Double) -> Double {
    switch self {
    case .absolute(let tolerance): tolerance
    case .relative(let ratio): ratio * largest
    // ε is a power of two, so that the order changes no bit, but it keeps the product in range.
    case .numPy: largest * (Double(max(rows, columns)) * epsilon)
    }
  }

  /// The rule as a formula.
  public var description: String {
    switch self {
    case .absolute(let tolerance): "tol = \(tolerance)"
    case .relative(let ratio): "tol = \(ratio)·σ₁"
    case .numPy: "tol = σ₁·max(m, n)·ε (NumPy's default)"
    }
  }
}
