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

  /// τ is the largest singular value that rounding to the storage type is expected to cause.
  ///
  /// Singular values above it are not due to rounding. For example, a change of rank 4 has full rank after it was
  /// stored as BF16, at NumPy's tolerance, and rank 4 at this one. It is meant for weights that were rounded; for
  /// exactly representable ones, such as zeros and ones, it is larger than necessary.
  case noise

  /// The tolerance for a matrix.
  ///
  /// - Parameters:
  ///   - largest: σ₁.
  ///   - rows: m.
  ///   - columns: n.
  ///   - epsilon: ε, the distance from 1 to the next number of the matrix's type.
  ///   - noise: The spectral norm of the matrix of rounding errors, as `RoundingErrors` estimates it.
  /// - Returns: The absolute tolerance τ.
  public func tolerance(
    largest: Double, rows: Int, columns: Int, epsilon: Double, noise: Double
  ) -> Double {
    switch self {
    case .absolute(let tolerance): tolerance
    case .relative(let ratio): ratio * largest
    // ε is a power of two, so the order of the factors changes no bit; this order avoids overflow.
    case .numPy: largest * (Double(max(rows, columns)) * epsilon)
    case .noise: noise
    }
  }

  /// The rule as a formula.
  public var description: String {
    switch self {
    case .absolute(let tolerance): "tol = \(tolerance)"
    case .relative(let ratio): "tol = \(ratio)·σ₁"
    case .numPy: "tol = σ₁·max(m, n)·ε (NumPy's default)"
    case .noise: "tol = noise of rounding to the stored type"
    }
  }
}
