// What a dense layer does between two products, for activations kept as features × samples, so that
// a unit is a row and a bias is constant along it. The loops are written so that they become vector
// instructions: `while` over a span.

extension Matrix {
  /// x[i, j] ← x[i, j] + b[i].
  ///
  /// - Parameter bias: b, one value a row.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public mutating func addToEachColumn(_ bias: ContiguousArray<Scalar>) {
    precondition(bias.count == rows, "\(bias.count) biases for \(rows) rows")
    let (rows, columns) = (rows, columns)
    var span = elements.mutableSpan
    var position = 0
    for i in 0..<rows {
      let shift = bias[i]
      let end = position &+ columns
      while position < end {
        // In bounds: a matrix has rows · columns elements.
        unsafe span[unchecked: position] += shift
        position &+= 1
      }
    }
  }

  /// x ← max(x, 0), the rectified linear unit; a NaN stays NaN, so that divergence is seen.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public mutating func rectify() {
    var span = elements.mutableSpan
    var j = 0
    while j < span.count {
      let value = span[j]
      span[j] = value < 0 ? 0 : value
      j &+= 1
    }
  }

  /// x[i, j] ← 0 wherever a[i, j] ≤ 0: the derivative of `rectify`, applied to a gradient.
  ///
  /// At a = 0 the derivative is taken as 0, as PyTorch does. A NaN in a lets the gradient through.
  ///
  /// - Parameter activations: a, the rectified values, of the receiver's shape.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public mutating func clearWhereInactive(_ activations: Matrix) {
    precondition(
      rows == activations.rows && columns == activations.columns,
      "a gradient of \(rows) × \(columns) for activations of \(activations.rows) × "
        + "\(activations.columns)")
    let active = activations.elements.span
    var span = elements.mutableSpan
    var j = 0
    while j < span.count {
      span[j] = active[j] <= 0 ? 0 : span[j]
      j &+= 1
    }
  }

  /// The sum of each row, added up in the order of the columns.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func rowSums() -> ContiguousArray<Scalar> {
    var sums = ContiguousArray<Scalar>(repeating: 0, count: rows)
    let all = elements.span
    for i in 0..<rows {
      let row = all.extracting(i &* columns..<(i &+ 1) &* columns)
      var sum: Scalar = 0
      var j = 0
      while j < row.count {
        sum += row[j]
        j &+= 1
      }
      sums[i] = sum
    }
    return sums
  }

  /// Lends the elements, row after row, to be overwritten.
  ///
  /// - Parameter body: Gets the m·n elements; it can't change how many there are.
  public mutating func withMutableElements(_ body: (inout MutableSpan<Scalar>) -> Void) {
    var span = elements.mutableSpan
    body(&span)
  }
}
