// Reduces a large matrix to a small one for a picture.

import ZerORequirements

extension Matrix {
  /// The element of largest magnitude of each block, for a grid of blocks.
  ///
  /// ```
  /// E[a, b] = A[i, j] with |A[i, j]| = max over the block (a, b)
  /// ```
  ///
  /// Block row a consists of the rows ⌊a·m/p⌋ … ⌊(a + 1)·m/p⌋ − 1 with p = min(m, limit); block columns are defined
  /// likewise. An identity remains a diagonal of ones and a single large weight remains visible; averaging or
  /// sampling would lose both. Among equal magnitudes, the first element in row-major order is used.
  ///
  /// - Parameter limit: The maximum number of rows and columns of the result, at least 1.
  /// - Returns: A matrix of min(m, limit) × min(n, limit); the matrix itself if it is small enough.
  /// - Complexity: O(m·n).
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func blockExtremes(atMost limit: Int) -> Matrix {
    require(limit >= 1, "the limit must be at least 1, not \(limit)")
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
