// A matrix in the small, for looking at it.

extension Matrix {
  /// The matrix cut into a grid of blocks, with the element of largest magnitude of each.
  ///
  /// ```
  /// E[a, b] = A[i, j] with |A[i, j]| = max over the block (a, b)
  /// ```
  ///
  /// Block a has the rows ⌊a·m/p⌋ … ⌊(a + 1)·m/p⌋ − 1, p = min(m, limit), and columns likewise; so an
  /// identity stays a diagonal of ones and a single large weight stays visible, which neither a mean nor a
  /// sample would keep. Of equal magnitudes the first in row-major order counts.
  ///
  /// - Parameter limit: The most rows and columns of the result, at least 1.
  /// - Returns: min(m, limit) × min(n, limit); the matrix itself when it is small enough.
  /// - Complexity: O(m·n).
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func blockExtremes(atMost limit: Int) -> Matrix {
    precondition(limit >= 1, "a grid of at most \(limit) blocks")
    let (p, q) = (Swift.min(rows, limit), Swift.min(columns, limit))
    guard p < rows || q < columns else { return self }
    var extremes = Matrix(repeating: 0, rows: p, columns: q)
    let all = elements.span
    for a in 0..<p {
      for i in a * rows / p..<(a + 1) * rows / p {
        for b in 0..<q {
          var extreme = extremes[a, b]
          for j in b * columns / q..<(b + 1) * columns / q {
            let element = all[i &* columns &+ j]
            if abs(element) > abs(extreme) { extreme = element }
          }
          extremes[a, b] = extreme
        }
      }
    }
    return extremes
  }
}
