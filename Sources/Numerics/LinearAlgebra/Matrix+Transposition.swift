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

/// Writes Aᵀ, each element changed by a function.
///
/// - Parameters:
///   - a: A, in rows.
///   - rows: The rows of A.
///   - columns: The columns of A.
///   - target: Aᵀ, in rows.
///   - change: Applied to each element.
@inline(__always)
func transpose<Scalar: MatrixScalar>(
  _ a: UnsafePointer<Scalar>, rows: Int, columns: Int, into target: UnsafeMutablePointer<Scalar>,
  _ change: (Scalar) -> Scalar = { $0 }
) {
  // Squares of 8 × 8 use every cache line that they touch as a whole.
  var row = 0
  while row < rows {
    let height = min(8, rows &- row)
    var column = 0
    while column < columns {
      let width = min(8, columns &- column)
      for j in 0..<width {
        var i = 0
        while i < height {
          unsafe target[(column &+ j) &* rows &+ row &+ i] = change(
            a[(row &+ i) &* columns &+ column &+ j])
          i &+= 1
        }
      }
      column &+= 8
    }
    row &+= 8
  }
}
