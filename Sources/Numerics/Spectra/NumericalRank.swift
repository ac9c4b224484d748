// How many singular values count as non-zero, and how sure one can be of that count.

public import LinearAlgebra
public import Parallelism

/// The numerical rank of a matrix at an absolute tolerance, with its margin.
///
/// ```
/// rank = #{ i : σᵢ > τ }
/// ```
///
/// The inequality is strict, as in `numpy.linalg.matrix_rank(·, tol=τ)`. The margin says how far the
/// count is from changing: a value of 1.0001·τ just above the tolerance is a coin's toss, one of
/// 100·τ is not.
///
/// Reference: NumPy, `numpy.linalg.matrix_rank`; G. H. Golub and C. F. Van Loan, "Matrix
/// Computations", 4th edition (2013), section 5.4.1.
public struct NumericalRank: Equatable, Sendable {
  /// The tolerance of the notebook, for differences of weights after training.
  public static let notebookTolerance = 1e-4

  /// The count of singular values above the tolerance.
  public let rank: Int

  /// τ, absolute.
  public let tolerance: Double

  /// The smallest singular value that was counted, `nil` if none was.
  public let smallestAbove: Double?

  /// The largest singular value that was not counted, `nil` if all were.
  public let largestBelow: Double?

  /// Counts singular values.
  ///
  /// - Parameters:
  ///   - singularValues: In any order; none for an empty matrix, whose rank is 0.
  ///   - tolerance: τ ≥ 0.
  public init(singularValues: [Double], tolerance: Double) {
    precondition(tolerance >= 0, "a negative tolerance: \(tolerance)")
    let above = singularValues.filter { $0 > tolerance }
    self.tolerance = tolerance
    rank = above.count
    smallestAbove = above.min()
    largestBelow = singularValues.filter { !($0 > tolerance) }.max()
  }

  /// The rank of a matrix by its singular values, in double precision.
  ///
  /// Double precision is part of the definition here: the errors of a decomposition are in proportion to
  /// σ₁ and grow with the size. Where these are large, single precision's reach 1e-4, and zeros would count.
  ///
  /// - Parameters:
  ///   - matrix: m × n, any shape.
  ///   - tolerance: τ ≥ 0.
  /// - Throws: `FactorizationError` when the matrix holds a NaN or an infinity.
  public init(of matrix: Matrix<Double>, tolerance: Double) throws(FactorizationError) {
    self.init(singularValues: try matrix.singularValues(), tolerance: tolerance)
  }

  /// The rank of a matrix without its margin, by inertia where that decides it.
  ///
  /// Where it leaves the count undecided the singular values are taken.
  ///
  /// - Parameters:
  ///   - matrix: m × n, any shape.
  ///   - tolerance: τ > 0.
  ///   - team: Shares the work of the count.
  /// - Returns: #{ i : σᵢ > τ }.
  /// - Throws: `FactorizationError` when the matrix holds a NaN or an infinity.
  public static func count(of matrix: Matrix<Double>, tolerance: Double, team: ThreadTeam = .alone)
    throws(FactorizationError) -> Int
  {
    if let count = try matrix.countOfSingularValues(above: tolerance, team: team) { return count }
    return try NumericalRank(of: matrix, tolerance: tolerance).rank
  }
}
