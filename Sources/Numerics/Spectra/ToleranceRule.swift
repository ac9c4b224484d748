// The threshold below which a singular value counts as zero.

/// A rule that determines the tolerance τ of a numerical rank.
public enum ToleranceRule: Hashable, Sendable, CustomStringConvertible {
  /// A given absolute τ; the reference notebook uses 1e-4.
  case absolute(Double)

  /// τ = r·σ₁.
  case relative(Double)

  /// τ = σ₁·max(m, n)·ε, the default of `numpy.linalg.matrix_rank`.
  ///
  /// This τ estimates the error of a decomposition in the precision ε. It is unrelated to the size of weights that
  /// matter for a network.
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
  /// - Returns: The absolute tolerance τ.
  public func tolerance(largest: Double, rows: Int, columns: Int, epsilon: Double) -> Double {
    switch self {
    case .absolute(let tolerance): tolerance
    case .relative(let ratio): ratio * largest
    // ε is a power of two, so the order of the factors changes no bit; this order avoids overflow.
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
