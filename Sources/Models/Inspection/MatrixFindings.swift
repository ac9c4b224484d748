// What is read off one matrix.

import Checkpoints
import Foundation
import LinearAlgebra
public import Spectra

/// The rank of a stored matrix, and its relatives.
public struct MatrixFindings: Sendable {
  /// The rows, m, and columns, n, that the tensor was taken as.
  public let rows: Int

  /// n.
  public let columns: Int

  /// The rank at the tolerance, with its margin.
  public let rank: NumericalRank

  /// All singular values of the difference.
  public let spectrum: Spectrum

  /// The share of the stored elements, those of W and not of the difference, that are exactly zero.
  public let zeroFraction: Double

  /// What storing in the tensor's type may have added to singular values.
  ///
  /// ```
  /// √((Σ ulp(w)² + Σ ulp(w₀)²)/12) · (√m + √n) / √(m·n)
  /// ```
  ///
  /// the spectral norm of a matrix of independent rounding errors, each uniform within half a unit in the last
  /// place of its element: of W, and of W₀ where another checkpoint is taken off. A zero counts, with the type's
  /// smallest unit, only in a matrix that has subnormal numbers of its type as well. A singular value below it may be the work of rounding alone. It is for weights that
  /// were rounded, and too large for ones that the type holds exactly, as zeros and ones.
  ///
  /// Reference: R. Vershynin, "Introduction to the non-asymptotic analysis of random matrices", in
  /// "Compressed Sensing" (2012), section 5.3 (the norm of a matrix of independent entries).
  public let storageNoise: Double

  /// rank / min(m, n).
  public var ratio: Double { Double(rank.rank) / Double(min(rows, columns)) }

  /// How many of the values that count are below what rounding alone may have left.
  public var countBelowNoise: Int {
    spectrum.values.count { $0 > rank.tolerance && $0 < storageNoise }
  }

  /// The values that NumPy's tolerance, σ₁·max(m, n)·ε, leaves out only because the matrix is long.
  ///
  /// They are above σ₁·min(m, n)·ε and above twice the noise of storing, so no rounding made them: in single precision
  /// a matrix of 810,000 × 9 with the condition number 16 has such values, and full rank for any other purpose.
  public var valuesLostToLength: [Double] {
    let epsilon = min(format.epsilon, FloatFormat.float32.epsilon)
    let largest = spectrum.values.first ?? 0
    let floor = max(largest * Double(min(rows, columns)) * epsilon, 2 * storageNoise)
    return rule == .numPy ? spectrum.values.filter { $0 > floor && $0 <= rank.tolerance } : []
  }

  private let rule: ToleranceRule
  private let format: FloatFormat

  /// Puts the findings together; `baselineSteps` is √(Σ ulp(w₀)²).
  init(
    rows: Int, columns: Int, spectrum: Spectrum, rule: ToleranceRule, format: FloatFormat,
    statistics: ElementStatistics, baselineSteps: Double
  ) {
    self.rows = rows
    self.columns = columns
    self.spectrum = spectrum
    self.rule = rule
    self.format = format
    // NumPy computes ranks in no type narrower than single precision; for BF16 its rule would leave nothing.
    let epsilon = min(format.epsilon, FloatFormat.float32.epsilon)
    let tolerance = rule.tolerance(
      largest: spectrum.values.first ?? 0, rows: rows, columns: columns, epsilon: epsilon)
    rank = spectrum.rank(above: tolerance)
    let count = Double(rows * columns)
    zeroFraction = Double(statistics.zeros) / count
    let extents = Double(rows).squareRoot() + Double(columns).squareRoot()
    let steps = hypot(statistics.ulpNorm(epsilon: format.epsilon), baselineSteps)
    storageNoise = steps * (extents / (12 * count).squareRoot())
  }
}
