// The sizes of rounding errors by row and column, which bound the norm of the matrix of all errors.

import ZerORequirements

/// The expected rounding errors of a matrix whose elements were rounded to a storage type.
///
/// An element x that was rounded to nearest has an error of about uniform distribution within half an ulp, whose
/// variance is ulp(x)²/12. Errors of different matrices are independent, so their variances add.
public struct RoundingErrors: Equatable, Sendable {
  /// The largest ulp, or 0; squares are relative to it, so they cannot overflow.
  private var unit: Double

  /// Σ_j (ulp(xᵢⱼ)/unit)² by row i.
  private var rows: [Double]

  /// Σ_i (ulp(xᵢⱼ)/unit)² by column j.
  private var columns: [Double]

  /// Estimates the errors of a matrix.
  ///
  /// - Parameters:
  ///   - matrix: The rounded elements, which must be finite.
  ///   - epsilon: ε of the storage type, the ulp of 1.
  ///   - smallestExponent: The binary exponent of the storage type's smallest normal number.
  ///   - countsZeros: Whether a zero may be a number that was too small for the type. Otherwise zeros are exact.
  /// - Complexity: O(m·n).
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public init<Scalar>(
    of matrix: Matrix<Scalar>, epsilon: Double, smallestExponent: Int, countsZeros: Bool
  ) {
    let floor = Double(sign: .plus, exponent: smallestExponent, significand: 1)
    let elements = matrix.elements.span
    var largest = 0.0
    for index in 0..<elements.count { largest = max(largest, abs(Double(elements[index]))) }
    (rows, columns) = (
      [Double](repeating: 0, count: matrix.rows), [Double](repeating: 0, count: matrix.columns)
    )
    guard largest > 0 || countsZeros else {
      unit = 0
      return
    }
    let power = max(largest.binade, floor)
    unit = power * epsilon
    for i in 0..<matrix.rows {
      var sum = 0.0
      for j in 0..<matrix.columns {
        let magnitude = abs(Double(elements[i &* matrix.columns &+ j]))
        guard magnitude > 0 || countsZeros else { continue }
        let ulp = max(magnitude.binade, floor) / power
        sum += ulp * ulp
        columns[j] += ulp * ulp
      }
      rows[i] = sum
    }
  }

  /// Adds the errors of a matrix that is added to or subtracted from this one.
  ///
  /// - Parameter other: The errors of a matrix of the same shape.
  public mutating func add(_ other: RoundingErrors) {
    require(
      rows.count == other.rows.count && columns.count == other.columns.count,
      "errors of \(rows.count) × \(columns.count) and \(other.rows.count) × \(other.columns.count)")
    let sum = max(unit, other.unit)
    guard sum > 0 else { return }
    let (own, theirs) = (unit / sum, other.unit / sum)
    for i in rows.indices { rows[i] = rows[i] * own * own + other.rows[i] * theirs * theirs }
    for j in columns.indices {
      columns[j] = columns[j] * own * own + other.columns[j] * theirs * theirs
    }
    unit = sum
  }

  /// A bound on the expected spectral norm of the matrix of all errors.
  ///
  /// ```
  /// max_i √(Σ_j ulp(xᵢⱼ)²/12) + max_j √(Σ_i ulp(xᵢⱼ)²/12)
  /// ```
  ///
  /// Lower-order terms are left out. If all ulps are equal, this is ulp/√12·(√m + √n).
  ///
  /// Reference: A. S. Bandeira and R. van Handel, "Sharp nonasymptotic bounds on the norm of random matrices with
  /// independent entries", Annals of Probability 44 (2016), theorem 3.1.
  public var normBound: Double {
    let (row, column) = (rows.max() ?? 0, columns.max() ?? 0)
    return unit * ((row / 12).squareRoot() + (column / 12).squareRoot())
  }
}
