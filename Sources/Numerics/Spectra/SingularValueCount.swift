// Counts singular values above a tolerance without computing them. The number of singular values of A above τ
// equals the number of eigenvalues of AᵀA above τ². By Sylvester's law of inertia, a symmetric matrix and the
// factor D of its factorization L·D·Lᵀ have the same number of positive eigenvalues, and the signs of D are easy to
// count.
//
// A correct count is more important than speed. AᵀA squares the condition number, so the eigenvalues are counted at
// both ends of an interval around τ² that is wider than the expected rounding error. If the counts differ, the few
// singular values that are too close to the tolerance are computed (NearestSingularValues.swift). If they are too many
// or too close, the result is nil.

import Synchronization
package import ZerOLinearAlgebra
package import ZerOParallelism
import ZerORequirements

extension Matrix<Double> {
  /// The number of singular values above a tolerance, or `nil` if rounding errors could change it.
  ///
  /// ```
  /// #{σᵢ > τ} = #{λ(AᵀA − τ²·I) > 0}
  /// ```
  ///
  /// The eigenvalues are counted at τ² − δ and τ² + δ, where δ bounds the rounding errors of the product and of the
  /// factorization. With u = ε/2 and sums of k terms, these errors are below γ·‖A‖²_F and γ·g, where g is the
  /// measured growth of the factorization and γ = min(k, 8·√k)·u. For k > 64 this γ is a probabilistic bound, which
  /// is exceeded with a probability of 3e-14 (see `roundingBound(terms:)`). So the count is proved for k ≤ 64 only;
  /// for larger k, the tests compare it with computed spectra.
  ///
  /// Zero rows and columns are removed first, and equal ones are merged; the rounding of their factors √t is part
  /// of δ. The smaller of AᵀA and AAᵀ is used, or AAᵀ if the sizes are similar.
  ///
  /// If the counts differ by k ≤ 8, and the counts at τ² ± 4δ are the same, there are k singular values in question near τ, and
  /// no other is within τ² ± 3δ. They are computed by inverse iteration, with a bound on their error that does not square
  /// the condition number, and decide the count if each is further from τ than that.
  ///
  /// - Parameters:
  ///   - tolerance: τ > 0. The smaller τ is relative to the norm of A, the more likely is the result `nil`.
  ///   - team: The threads that share the product and the counts.
  /// - Returns: The count, or `nil`.
  /// - Throws: `FactorizationError.notFinite` and `.tooLong`.
  /// - Complexity: About n³ + 2·n³/3 floating-point operations for n × n, and O(n²) if values are computed. Computing all
  ///   singular values takes 8/3·n³ slower ones. Temporary memory is at most four matrices of the size of A.
  ///
  /// Reference: J. J. Sylvester, "A demonstration of the theorem that every homogeneous quadratic
  /// polynomial is reducible by real orthogonal substitutions to the form of a sum of positive and
  /// negative squares", Philosophical Magazine 4 (1852); J. R. Bunch and L. Kaufman, "Some stable
  /// methods for calculating inertia and solving symmetric linear systems", Mathematics of
  /// Computation 31 (1977); N. J. Higham and T. Mary, "A new approach to probabilistic rounding error
  /// analysis", SIAM Journal on Scientific Computing 41 (2019).
  package func countOfSingularValues(above tolerance: Double, team: ThreadTeam = .alone)
    throws(FactorizationError) -> Int?
  {
    require(tolerance > 0, "the tolerance must be positive, not \(tolerance)")
    try checkLength()
    guard isFinite else { throw .notFinite }
    let reduced = deduplicated(team)
    guard reduced.rows > 0 else { return 0 }
    // Transposing is worth its cost only if it makes the product clearly smaller.
    let isTall = 9 * reduced.rows > 10 * reduced.columns
    let matrix = isTall ? reduced.transposed(team) : reduced
    let gram = matrix.gram(team)
    let squares = (0..<gram.rows).reduce(0) { $0 + gram[$1, $1] }
    let square = tolerance * tolerance
    let growthLimit = Self.largestGrowth * (squares + Double(gram.rows) * square)
    // The factors √t of merged rows and columns are rounded as well.
    let roundings = roundingBound(terms: Swift.max(matrix.rows, matrix.columns)) + 8
    let margin = roundings * Double.ulpOfOne / 2 * (squares + growthLimit)
    // Subnormal numbers are too coarse to distinguish τ² from τ² ± δ.
    guard margin >= .leastNormalMagnitude, margin < square else { return nil }

    /// The counts of eigenvalues above τ² − d and above τ² + d, and the second factorization.
    func counts(_ distance: Double) -> (below: Int, above: Int, factorization: LDLFactorization)? {
      let found = Mutex<(below: Int?, above: LDLFactorization?)>((nil, nil))
      team.share(2) { index in
        let factorization = LDLFactorization(
          gram, minus: index == 0 ? square - distance : square + distance,
          growthLimit: growthLimit)
        guard factorization.isComplete else { return }
        found.withLock {
          if index == 0 {
            $0.below = factorization.positiveCount
          } else {
            $0.above = factorization
          }
        }
      }
      let (below, above) = found.withLock { $0 }
      guard let below, let above, below >= above.positiveCount else { return nil }
      return (below, above.positiveCount, above)
    }
    guard let near = counts(margin) else { return nil }
    let undecided = near.below - near.above
    if undecided == 0 { return near.above }
    // With equal counts at τ² ± 4δ, no other value is within τ² ± 3δ.
    guard undecided <= Self.mostUndecided, 4 * margin < square, let far = counts(4 * margin),
      far.below == near.below, far.above == near.above,
      let (values, error) = matrix.singularValues(
        nearest: tolerance, count: undecided,
        othersBeyond: (square + 3 * margin).squareRoot() - tolerance, near.factorization),
      values.allSatisfy({
        abs($0 - tolerance) > error && abs($0 * $0 - square) <= 3 * margin
      })
    else { return nil }
    return near.above + values.count { $0 > tolerance }
  }

  /// The maximum growth of the factorization, relative to ‖A‖²_F + n·τ²; without pivots near zero, the growth is 1.
  private static var largestGrowth: Double { 4 }

  /// The largest number of singular values that are computed on their own.
  private static var mostUndecided: Int { 8 }
}
