// The subspace of the leading singular vectors of a matrix, and the overlap of two such subspaces.

public import ZerOLinearAlgebra
public import ZerOParallelism
import ZerORequirements

extension Matrix<Double> {
  /// The singular vectors of the k largest singular values, on the shorter side of the matrix.
  ///
  /// These are left singular vectors of a matrix with at most as many rows as columns, and right singular vectors of
  /// another one. They are computed as eigenvectors of the smaller of AAᵀ and AᵀA, scaled by a power of two if its
  /// elements would overflow or underflow.
  ///
  /// The subspace that the vectors span is determined only if σₖ > σₖ₊₁; with equal values, any rotation of their
  /// vectors is valid too. Rounding changes the eigenvalues by less than δ (see `singularValuesByGram`) and turns the
  /// subspace by an angle whose sine is at most δ/(σₖ² − σₖ₊₁² − δ). If this bound exceeds 1e-4, the result is `nil`:
  /// σₖ equals σₖ₊₁ as far as the computation can tell. Examples are an identity, a matrix of zeros, and a matrix
  /// of rank below k.
  ///
  /// - Parameters:
  ///   - count: k ≥ 0; above min(m, n), all vectors are returned, which span the whole space.
  ///   - team: The threads that share the product.
  /// - Returns: A matrix of k × min(m, n) whose rows are the orthonormal vectors in descending order of their singular
  ///   values; `nil` if the subspace is not determined. The sign of each vector is arbitrary.
  /// - Throws: `FactorizationError` if an element is not finite, the size is too large, or the iteration does not
  ///   converge.
  /// - Complexity: l·s² + 4/3·s³ + 2·k·s² floating-point operations, where s is the shorter dimension and l the longer
  ///   one. Temporary memory is one s × s matrix, and a copy of A if it is scaled.
  ///
  /// Reference: C. Davis and W. M. Kahan, "The rotation of eigenvectors by a perturbation. III", SIAM Journal on
  /// Numerical Analysis 7 (1970), the sin θ theorem; G. H. Golub and C. F. Van Loan, "Matrix Computations", 4th
  /// edition (2013), section 8.1.3.
  public func leadingSingularVectors(count: Int, team: ThreadTeam = .alone)
    throws(FactorizationError) -> Matrix?
  {
    require(count >= 0, "a negative number of singular vectors: \(count)")
    let (shorter, longer) = (Swift.min(rows, columns), Swift.max(rows, columns))
    let count = Swift.min(count, shorter)
    guard count > 0 else { return Matrix(repeating: 0, rows: 0, columns: shorter) }
    try checkLength()
    var gram = shorterGram(team)
    if !(0x1p-400...0x1p400).contains(gram.trace) {
      guard isFinite else { throw .notFinite }
      guard let scaled = scaledToUnitMaximum() else { return nil }
      gram = scaled.shorterGram(team)
    }
    let bound =
      (roundingBound(terms: longer) * gram.trace
        + 4 * roundingBound(terms: shorter) * gram.normOfSymmetric) * Double.ulpOfOne / 2
    // One more, for the distance to the next eigenvalue.
    let (values, vectors) = try gram.consumeIntoLeadingEigenvectors(Swift.min(count + 1, shorter))
    guard count < shorter else { return vectors }
    let distance = values[count - 1] - values[count] - bound
    guard distance > 0, bound / distance <= 1e-4 else { return nil }
    return Matrix(
      rows: count, columns: shorter,
      elements: ContiguousArray(vectors.elements.prefix(count * shorter)))
  }

  /// The smaller of AAᵀ and AᵀA, as an upper triangle.
  private func shorterGram(_ team: ThreadTeam) -> Matrix {
    rows > columns ? columnGram(team) : gram(team)
  }

  /// The sum of the diagonal; of a Gram matrix, ‖A‖²_F.
  var trace: Double { (0..<rows).reduce(0) { $0 + self[$1, $1] } }

  /// The Frobenius norm of the symmetric matrix whose upper triangle this is.
  var normOfSymmetric: Double {
    var squares = 0.0
    for i in 0..<rows {
      let row = elements[i * columns + i..<(i + 1) * columns]
      squares += row.reduce(0) { $0 + 2 * $1 * $1 } - self[i, i] * self[i, i]
    }
    return squares.squareRoot()
  }
}

/// The overlap of two subspaces, the mean squared cosine of their principal angles.
///
/// ```
/// ‖V₁·V₂ᵀ‖²_F / min(k₁, k₂)
/// ```
///
/// It is 1 if one subspace contains the other, and 0 if they are orthogonal. Two random subspaces of n dimensions have
/// an expected overlap of max(k₁, k₂)/n. It depends on the subspaces only, not on the choice of their bases.
///
/// - Parameters:
///   - first: V₁, k₁ × n, whose rows are orthonormal, as `leadingSingularVectors(count:)` returns them.
///   - second: V₂, k₂ × n.
/// - Returns: A number from 0 to 1; 0 if a subspace has no vectors.
/// - Complexity: 2·k₁·k₂·n floating-point operations.
///
/// Reference: E. J. Hu and others, "LoRA: Low-Rank Adaptation of Large Language Models" (2021), section 7.2, equation
/// 4.
public func subspaceOverlap(_ first: Matrix<Double>, _ second: Matrix<Double>) -> Double {
  require(
    first.columns == second.columns,
    "subspaces of \(first.columns) and \(second.columns) dimensions have no overlap")
  let dimensions = min(first.rows, second.rows)
  guard dimensions > 0 else { return 0 }
  let cosines = first * second.transposed
  return min(1, cosines.elements.reduce(0) { $0 + $1 * $1 } / Double(dimensions))
}
