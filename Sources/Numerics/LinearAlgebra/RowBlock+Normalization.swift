// Normalization of each column over the rows, as layer normalization needs it: columns are samples, and rows are units.

import ZerORequirements

/// The statistics by which each column of a matrix is normalized.
public struct ColumnNormalization<Scalar: MatrixScalar>: Sendable {
  /// μ, or 0 for a normalization that does not center.
  let means: ContiguousArray<Scalar>

  /// 1/√(σ² + ε), where σ² is the mean of (x − μ)².
  let scales: ContiguousArray<Scalar>

  /// Whether μ is subtracted.
  let centers: Bool

  /// Computes the statistics, with sums in double precision.
  ///
  /// - Parameters:
  ///   - values: x, at least one row.
  ///   - centers: Whether μ is the mean, or 0.
  ///   - epsilon: ε.
  ///   - multiplicities: The weight of each row in all means; `nil` for equal weights.
  /// - Complexity: O(m·n).
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public init(
    of values: Matrix<Scalar>, centers: Bool, epsilon: Double,
    multiplicities: ContiguousArray<Double>?
  ) {
    self.centers = centers
    let samples = values.columns
    var means = ContiguousArray<Double>(repeating: 0, count: samples)
    if centers {
      means = values.columnMeans(multiplicities) { element, _, _ in element }
    }
    let squares = values.columnMeans(multiplicities) { element, _, sample in
      (element - means[sample]) * (element - means[sample])
    }
    self.means = ContiguousArray(means.map { Scalar($0) })
    scales = ContiguousArray(squares.map { Scalar(1 / ($0 + epsilon).squareRoot()) })
  }

  /// The means over the rows of g and of g·x̂, where g = γ·∂L/∂y and x̂ = (x − μ)/√(σ² + ε); the first is 0 without centering.
  ///
  /// - Parameters:
  ///   - values: x.
  ///   - gradient: ∂L/∂y.
  ///   - gain: γ, one value per row.
  ///   - multiplicities: The weight of each row in all means; `nil` for equal weights.
  /// - Returns: Two means per column.
  /// - Complexity: O(m·n).
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func gradientMeans(
    of values: Matrix<Scalar>, gradient: Matrix<Scalar>, gain: ContiguousArray<Scalar>,
    multiplicities: ContiguousArray<Double>?
  ) -> (plain: ContiguousArray<Scalar>, normalized: ContiguousArray<Scalar>) {
    let columns = values.columns
    let (means, scales, x) = (means, scales, values.elements)
    let normalized = gradient.columnMeans(multiplicities) { element, row, sample in
      element * Double(gain[row])
        * Double((x[row &* columns &+ sample] - means[sample]) * scales[sample])
    }
    var plain = ContiguousArray<Double>(repeating: 0, count: columns)
    if centers {
      plain = gradient.columnMeans(multiplicities) { element, row, _ in element * Double(gain[row])
      }
    }
    return (
      ContiguousArray(plain.map { Scalar($0) }), ContiguousArray(normalized.map { Scalar($0) })
    )
  }

  /// Σ ∂L/∂y · x̂ over the columns, the gradient of each gain.
  ///
  /// - Parameters:
  ///   - values: x.
  ///   - gradient: ∂L/∂y.
  /// - Returns: One sum per row.
  /// - Complexity: O(m·n).
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func gainGradient(of values: Matrix<Scalar>, gradient: Matrix<Scalar>)
    -> ContiguousArray<Scalar>
  {
    let (x, g, columns) = (values.elements.span, gradient.elements.span, values.columns)
    let (means, scales) = (means.span, scales.span)
    return ContiguousArray(
      (0..<values.rows).map { row in
        var sum: Scalar = 0
        for sample in 0..<columns {
          let position = row &* columns &+ sample
          sum += g[position] * (x[position] - means[sample]) * scales[sample]
        }
        return sum
      })
  }
}

extension Matrix {
  /// The weighted mean of a function of each element over the rows of each column.
  @inline(__always)
  fileprivate func columnMeans(
    _ multiplicities: ContiguousArray<Double>?, _ f: (Double, _ row: Int, _ sample: Int) -> Double
  ) -> ContiguousArray<Double> {
    var sums = ContiguousArray<Double>(repeating: 0, count: columns)
    let all = elements.span
    var total = 0.0
    for row in 0..<rows {
      let weight = multiplicities?[row] ?? 1
      total += weight
      for sample in 0..<columns {
        sums[sample] += weight * f(Double(all[row &* columns &+ sample]), row, sample)
      }
    }
    for sample in 0..<columns { sums[sample] /= total }
    return sums
  }
}

extension RowBlock {
  /// Computes y = γ·(x − μ)/√(σ² + ε) + β.
  ///
  /// - Parameters:
  ///   - values: x, with the shape of the whole matrix.
  ///   - statistics: μ and σ.
  ///   - gain: γ, one value per row of the whole matrix.
  ///   - shift: β; `nil` for none.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func normalize(
    _ values: Matrix<Scalar>, by statistics: ColumnNormalization<Scalar>,
    gain: ContiguousArray<Scalar>, shift: ContiguousArray<Scalar>?
  ) {
    require(
      values.rows == rowCount && values.columns == columns && gain.count == rowCount
        && shift.map { $0.count == rowCount } ?? true,
      "a normalization of \(values.rows) × \(values.columns) by \(gain.count) gains")
    let (x, means, scales) = (
      values.elements.span, statistics.means.span, statistics.scales.span
    )
    var position = 0
    for row in rows {
      let (factor, constant, start) = (gain[row], shift?[row] ?? 0, row &* columns)
      var sample = 0
      while sample < columns {
        let normalized = (x[start &+ sample] - means[sample]) * scales[sample]
        unsafe base[position] = factor * normalized + constant
        position &+= 1
        sample &+= 1
      }
    }
  }

  /// Computes ∂L/∂x of a normalization, r·(g − mean of g − x̂·mean of g·x̂) with g = γ·∂L/∂y and r = 1/√(σ² + ε).
  ///
  /// - Parameters:
  ///   - values: x, with the shape of the whole matrix.
  ///   - statistics: μ and σ.
  ///   - gradient: ∂L/∂y.
  ///   - gain: γ.
  ///   - means: The means of g and of g·x̂; see `ColumnNormalization.gradientMeans`.
  ///   - adding: Whether the gradient is added to the elements.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func pullBackNormalization(
    of values: Matrix<Scalar>, by statistics: ColumnNormalization<Scalar>,
    gradient: Matrix<Scalar>, gain: ContiguousArray<Scalar>,
    means: (plain: ContiguousArray<Scalar>, normalized: ContiguousArray<Scalar>), adding: Bool
  ) {
    require(
      gradient.rows == rowCount && gradient.columns == columns && values.rows == rowCount
        && values.columns == columns && gain.count == rowCount,
      "the gradient of a normalization of \(values.rows) × \(values.columns)")
    let (x, g) = (values.elements.span, gradient.elements.span)
    let (shifts, scales) = (statistics.means.span, statistics.scales.span)
    let (plain, product) = (means.plain.span, means.normalized.span)
    var position = 0
    for row in rows {
      let (factor, start) = (gain[row], row &* columns)
      for sample in 0..<columns {
        let scale = scales[sample]
        let normalized = (x[start &+ sample] - shifts[sample]) * scale
        let change =
          scale * (factor * g[start &+ sample] - plain[sample] - normalized * product[sample])
        unsafe base[position] = adding ? base[position] + change : change
        position &+= 1
      }
    }
  }
}
