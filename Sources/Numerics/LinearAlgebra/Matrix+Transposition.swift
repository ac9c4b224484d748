public import ZerOParallelism

extension Matrix {
  /// The transpose, n × m.
  public var transposed: Matrix { transposed(.alone) }

  /// The transpose, n × m, computed in parallel.
  ///
  /// - Parameter team: Shares the rows of the result.
  /// - Returns: The transpose.
  /// - Complexity: O(m·n).
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func transposed(_ team: ThreadTeam) -> Matrix {
    var result = Matrix(repeating: 0, rows: columns, columns: rows)
    // Eight elements side by side fill a cache line of 64 bytes in double precision.
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
