// The norm of a weight's gradient, from its two factors.

import ZerORequirements

/// Σᵢⱼ pᵢ·qⱼ·(δ·xᵀ)ᵢⱼ², the squared Frobenius norm of δ·xᵀ whose rows and columns count several times, in double precision.
///
/// For few samples it is the sum over (δᵀ·P·δ) ∘ (xᵀ·Q·x), which are samples × samples; for more samples than the weight has rows or columns, the
/// product is computed in bands of rows. No matrix of the weight's shape is stored.
///
/// - Parameters:
///   - gradient: δ, m × s.
///   - inputs: x, n × s.
///   - rows: p, one number per row of δ; `nil` for ones.
///   - columns: q, one number per row of x; `nil` for ones.
/// - Returns: A number of at least 0, or NaN.
/// - Complexity: 2·s²·(m + n) or 2·m·n·s floating-point operations, the smaller.
public func squaredNormOfProduct<Scalar>(
  _ gradient: Matrix<Scalar>, _ inputs: Matrix<Scalar>, rows: ContiguousArray<Double>?,
  columns: ContiguousArray<Double>?
) -> Double {
  let (m, n, s) = (gradient.rows, inputs.rows, gradient.columns)
  require(inputs.columns == s, "\(inputs.columns) samples for \(s)")
  let x = Matrix<Double>(inputs)
  if s <= min(m, n) {
    let left = Matrix<Double>(gradient).gramOfColumns(rows)
    let right = x.gramOfColumns(columns)
    var sum = 0.0
    for (one, other) in zip(left.elements, right.elements) { sum += one * other }
    // Rounding can make the sum of a vanishing gradient negative; a NaN stays one.
    return sum < 0 ? 0 : sum
  }
  var sum = 0.0
  let band = 64
  for start in stride(from: 0, to: m, by: band) {
    let taken = start..<min(m, start + band)
    let delta = Matrix<Double>(gradient, rows: taken)
    var product = Matrix<Double>(repeating: 0, rows: taken.count, columns: n)
    product.multiply(delta, by: x, transposingRight: true)
    for row in 0..<taken.count {
      let weight = rows?[start + row] ?? 1
      for column in 0..<n {
        sum += weight * (columns?[column] ?? 1) * product[row, column] * product[row, column]
      }
    }
  }
  return sum
}

extension Matrix<Double> {
  /// Aᵀ·D·A, where D is diagonal.
  fileprivate func gramOfColumns(_ weights: ContiguousArray<Double>?) -> Matrix<Double> {
    var weighted = self
    if let weights { weighted.writeRows { $0.multiplyEachRow(by: weights) } }
    return transposed * weighted
  }
}
