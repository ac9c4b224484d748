// The results for one matrix.

import Foundation
import ZerOCheckpoints
import ZerOLinearAlgebra
public import ZerOSpectra

/// The rank of a stored matrix, and related quantities.
public struct MatrixFindings: Sendable {
  /// m, the number of rows.
  public let rows: Int

  /// n, the number of columns.
  public let columns: Int

  /// The rank at the tolerance, with its margin.
  public let rank: NumericalRank

  /// All singular values of the difference W − W₀, or of W.
  public let spectrum: Spectrum

  /// The fraction of exact zeros among the stored elements of W (not of the difference).
  public let zeroFraction: Double

  /// The largest singular value that rounding to the tensor's type is expected to cause.
  ///
  /// ```
  /// √((Σ ulp(w)² + Σ ulp(w₀)²)/12) · (√m + √n) / √(m·n)
  /// ```
  ///
  /// This is the spectral norm of a matrix of independent rounding errors, each uniform within half
  /// an ulp of its element: of W, and of W₀ if it comes from another checkpoint. A singular value
  /// below it may be due to rounding alone. If the ulps of the rows or columns differ, as after a
  /// large update of rank 1, errors may cause values that are 2.5 times as large; the tolerance of
  /// `ToleranceRule.noise` covers that case too.
  ///
  /// A zero contributes the type's smallest ulp, and only if the matrix also has subnormal numbers
  /// of its type. The value is meant for weights that were rounded; for exactly representable ones,
  /// such as zeros and ones, it is too large.
  ///
  /// Reference: R. Vershynin, "Introduction to the non-asymptotic analysis of random matrices", in
  /// "Compressed Sensing" (2012), section 5.3 (the norm of a matrix of independent entries).
  public let storageNoise: Double

  /// A quantity of the spectrum, at the tolerance of the rank.
  ///
  /// - Parameter quantity: An entry of `SpectralQuantity.catalog`.
  /// - Returns: A number of at least 0.
  public func value(of quantity: SpectralQuantity) -> Double {
    quantity.value(of: spectrum, tolerance: rank.tolerance)
  }

  /// rank / min(m, n).
  public var ratio: Double { Double(rank.rank) / Double(min(rows, columns)) }

  /// How many singular values above the tolerance are below `storageNoise`.
  public var countBelowNoise: Int {
    spectrum.values.count { $0 > rank.tolerance && $0 < storageNoise }
  }

  /// Singular values that NumPy's tolerance, σ₁·max(m, n)·ε, rejects only because the matrix is
  /// long.
  ///
  /// They exceed σ₁·min(m, n)·ε and twice the storage noise, so rounding can't explain them. For
  /// example, in single precision a matrix of 810,000 × 9 with condition number 16 has such values,
  /// although it has full rank for any practical purpose.
  public var valuesRejectedForLength: [Double] {
    let epsilon = min(format.epsilon, FloatFormat.float32.epsilon)
    let largest = spectrum.values.first ?? 0
    let floor = max(largest * Double(min(rows, columns)) * epsilon, 2 * storageNoise)
    return rule == .numPy ? spectrum.values.filter { $0 > floor && $0 <= rank.tolerance } : []
  }

  private let rule: ToleranceRule
  private let format: FloatFormat

  /// Computes the findings.
  ///
  /// - Parameters:
  ///   - rows: m.
  ///   - columns: n.
  ///   - spectrum: The singular values of the difference.
  ///   - rule: The rule of the tolerance.
  ///   - format: The type of W.
  ///   - statistics: The statistics of W.
  ///   - baselineSteps: √(Σ ulp(w₀)²).
  ///   - rounding: The rounding errors of W and W₀, for the rule `.noise`.
  init(
    rows: Int, columns: Int, spectrum: Spectrum, rule: ToleranceRule, format: FloatFormat,
    statistics: ElementStatistics, baselineSteps: Double, rounding: RoundingErrors?
  ) {
    self.rows = rows
    self.columns = columns
    self.spectrum = spectrum
    self.rule = rule
    self.format = format
    let count = Double(rows * columns)
    zeroFraction = Double(statistics.zeros) / count
    let sides = Double(rows).squareRoot() + Double(columns).squareRoot()
    let steps = hypot(statistics.ulpNorm(epsilon: format.epsilon), baselineSteps)
    storageNoise = steps * (sides / (12 * count).squareRoot())
    // NumPy computes ranks in single precision at least; with the ε of BF16 no value would count.
    let epsilon = min(format.epsilon, FloatFormat.float32.epsilon)
    let tolerance = rule.tolerance(
      largest: spectrum.values.first ?? 0, rows: rows, columns: columns, epsilon: epsilon,
      noise: rounding?.normBound ?? storageNoise)
    rank = spectrum.rank(above: tolerance)
  }
}
