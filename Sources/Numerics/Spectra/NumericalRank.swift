// The numerical rank: the number of singular values above a tolerance, and its margin.

public import ZerOLinearAlgebra
public import ZerOParallelism
import ZerORequirements

/// The numerical rank of a matrix at an absolute tolerance, with its margin.
///
/// ```
/// rank = #{ i : σᵢ > τ }
/// ```
///
/// The inequality is strict, as in `numpy.linalg.matrix_rank(·, tol=τ)`. The margin consists of the singular values
/// nearest to τ on both sides. If one of them is 1.0001·τ, rounding may decide whether it counts; if it is 100·τ,
/// the rank is robust.
///
/// Reference: NumPy, `numpy.linalg.matrix_rank`; G. H. Golub and C. F. Van Loan, "Matrix
/// Computations", 4th edition (2013), section 5.4.1.
public struct NumericalRank: Equatable, Sendable {
  /// The tolerance of the reference notebook for differences of weights, 1e-4.
  public static let notebookTolerance = 1e-4

  /// The number of singular values above the tolerance.
  public let rank: Int

  /// The absolute tolerance τ.
  public let tolerance: Double

  /// The smallest singular value above the tolerance, `nil` if the rank is 0.
  public let smallestAbove: Double?

  /// The largest singular value at or below the tolerance, `nil` if the rank is full.
  public let largestBelow: Double?

  /// Counts the singular values above a tolerance.
  ///
  /// - Parameters:
  ///   - singularValues: The singular values in any order. An empty matrix has none, and its rank is 0.
  ///   - tolerance: τ ≥ 0.
  public init(singularValues: [Double], tolerance: Double) {
    require(tolerance >= 0, "the tolerance is negative: \(tolerance)")
    let above = singularValues.filter { $0 > tolerance }
    self.tolerance = tolerance
    rank = above.count
    smallestAbove = above.min()
    largestBelow = singularValues.filter { !($0 > tolerance) }.max()
  }

  /// Computes the rank of a matrix from its singular values, in double precision.
  ///
  /// Double precision is necessary: the errors of a decomposition are proportional to σ₁ and grow with the size of
  /// the matrix. In single precision they can reach the tolerance 1e-4, so singular values of zero would count.
  ///
  /// - Parameters:
  ///   - matrix: m × n, any shape.
  ///   - tolerance: τ ≥ 0.
  /// - Throws: `FactorizationError`, for example if the matrix contains a NaN or an infinity.
  public init(of matrix: Matrix<Double>, tolerance: Double) throws(FactorizationError) {
    self.init(singularValues: try matrix.singularValues(), tolerance: tolerance)
  }

  /// Computes the rank of a matrix in single precision, also in double precision.
  ///
  /// - Parameters:
  ///   - matrix: m × n, any shape.
  ///   - tolerance: τ ≥ 0.
  /// - Throws: `FactorizationError`, for example if the matrix contains a NaN or an infinity.
  public init(of matrix: Matrix<Float>, tolerance: Double) throws(FactorizationError) {
    self.init(singularValues: try matrix.singularValues(), tolerance: tolerance)
  }

  /// The rank of a matrix without its margin, which is faster to compute.
  ///
  /// The singular values are counted by the inertia of AᵀA − τ²·I. If rounding errors could change that count, the
  /// few singular values in question are computed, or all of them.
  ///
  /// - Parameters:
  ///   - matrix: m × n, any shape.
  ///   - tolerance: τ > 0.
  ///   - team: The threads that share the work.
  /// - Returns: #{ i : σᵢ > τ }.
  /// - Throws: `FactorizationError`, for example if the matrix contains a NaN or an infinity.
  public static func count(of matrix: Matrix<Double>, tolerance: Double, team: ThreadTeam = .alone)
    throws(FactorizationError) -> Int
  {
    if let count = try matrix.countOfSingularValues(above: tolerance, team: team) { return count }
    return try NumericalRank(of: matrix, tolerance: tolerance).rank
  }
}
