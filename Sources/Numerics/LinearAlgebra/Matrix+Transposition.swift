// The transpose, a few rows of the result at a time: as many as lie side by side in a line of the cache.

public import Parallelism

extension Matrix {
  /// The matrix mirrored at its diagonal, n × m.
  public var transposed: Matrix { transposed(.alone) }

  /// The matrix mirrored at its diagonal, n × m.
  ///
  /// - Parameter team: Shares the rows of the result.
  /// - Returns: The transpose.
  /// - Complexity: O(m·n).
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func transposed(_ team: ThreadTeam) -> Matrix {
    var result = Matrix(repeating: 0, rows: columns, columns: rows)
    let (rows, columns, tile) = (rows, columns, 8)
    result.writeRows(team) { block in
      block.withMutableElements { target in
        let source = elements.span
        let first = block.rows.lowerBound
        for left in stride(from: first, to: block.rows.upperBound, by: tile) {
          let right = Swift.min(left + tile, block.rows.upperBound)
          for i in 0..<rows {
            for j in left..<right {
              target[(j &- first) &* rows &+ i] = source[i &* columns &+ j]
            }
          }
        }
      }
    }
    return result
  }
}
