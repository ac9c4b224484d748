// Counting singular values without computing them. The singular values of A above τ are as many as the
// eigenvalues of AᵀA above τ², and those are counted by signs: a symmetric matrix and the D of its
// factorization L·D·Lᵀ have equally many positive eigenvalues.
//
// In this order of importance: no wrong count, then speed. AᵀA squares the condition, so the count is
// taken at both ends of an interval around τ² that is wider than rounding may be expected to be; where they
// differ a singular value is too near the tolerance for this method, and it says so.

package import LinearAlgebra
package import Parallelism
import Synchronization

extension Matrix<Double> {
  /// How many singular values are above a tolerance, or `nil` where rounding could decide it.
  ///
  /// ```
  /// #{σᵢ > τ} = #{λ(AᵀA − τ²·I) > 0}
  /// ```
  ///
  /// counted at τ² − δ and τ² + δ, where δ allows for the rounding of the product and of the factorization.
  /// With u = ε/2 and sums of k terms these are below γ·‖A‖²_F and γ·g, where g, the growth of the
  /// factorization, is measured. γ = k·u would hold always; taken is min(k, 8·√k)·u, which a sum of
  /// independent rounding errors of mean zero exceeds with a probability of 2·exp(−8²/2), 3e-14. So the
  /// count is not proved but for k ≤ 64; what speaks for it besides are the spectra in the tests.
  ///
  /// Rows and columns of zeros are left out first and equal ones merged (their factors √t are within the
  /// allowance), and of AᵀA and AAᵀ the smaller one is taken, or AAᵀ where they are of about one size.
  ///
  /// - Parameters:
  ///   - tolerance: τ > 0; the smaller it is beside the norm, the likelier the answer `nil`.
  ///   - team: Shares the product, and takes the two counts side by side.
  /// - Returns: The count, or `nil`.
  /// - Throws: `FactorizationError.notFinite` and `.tooLong`.
  /// - Complexity: about n³ + 2·n³/3 floating-point operations for n × n, where the singular values
  ///   themselves take 8/3·n³ slower ones; up to four matrices of the size of A beside it.
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
    precondition(tolerance > 0, "singular values above \(tolerance)")
    try checkLength()
    guard isFinite else { throw .notFinite }
    let dense = deduplicated(team)
    guard dense.rows > 0 else { return 0 }
    // Turning the matrix round pays only where that makes the product clearly smaller.
    let isTall = 9 * dense.rows > 10 * dense.columns
    let gram = (isTall ? dense.transposed(team) : dense).gram(team)
    let squares = (0..<gram.rows).reduce(0) { $0 + gram[$1, $1] }
    let square = tolerance * tolerance
    let growthLimit = Self.largestGrowth * (squares + Double(gram.rows) * square)
    let roundings = roundingBound(terms: Swift.max(dense.rows, dense.columns))
    let margin = roundings * Double.ulpOfOne / 2 * (squares + growthLimit)
    // Below the normal numbers there is no telling τ² from its neighbors.
    guard margin >= .leastNormalMagnitude, margin < square else { return nil }
    let counts = Mutex<Set<Int?>>([])
    team.share(2) { index in
      let factorization = LDLFactorization(
        gram, minus: index == 0 ? square - margin : square + margin,
        growthLimit: growthLimit)
      let count = factorization.isComplete ? factorization.positiveCount : nil
      counts.withLock { _ = $0.insert(count) }
    }
    return counts.withLock { $0.count == 1 ? $0.first ?? nil : nil }
  }

  /// How much larger than ‖A‖²_F + n·τ² the parts of the factorization may become; without pivots near
  /// zero they have just that size.
  private static var largestGrowth: Double { 4 }
}
