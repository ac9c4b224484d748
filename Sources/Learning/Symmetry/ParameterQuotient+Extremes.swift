// A downsampled map of the whole weight, computed from its classes.

public import ZerOLinearAlgebra
import ZerONetworks

extension ParameterQuotient {
  /// Divides W into blocks and returns the element of largest magnitude of each.
  ///
  /// The result equals `Matrix.blockExtremes(atMost:)` of the expanded weight.
  ///
  /// - Parameters:
  ///   - weight: V.
  ///   - startFactor: α, 1 without weight decay.
  ///   - limit: The maximum number of rows and columns of the result, at least 1.
  /// - Returns: min(m, limit) × min(n, limit).
  /// - Complexity: O(m·n). If the layer starts from the identity, O(limit·K² + m²/limit) for K
  ///   classes; O(K²) if the classes repeat from block to block, as they do for ZerO.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func blockExtremes(
    of weight: Matrix<Scalar>, startFactor: Double = 1, atMost limit: Int
  ) -> Matrix<Scalar> {
    guard case .merged(let below, let above) = representation, start.isIdentity,
      start.rows > limit
    else {
      return expanded(weight, startFactor: startFactor).blockExtremes(atMost: limit)
    }
    let size = start.rows
    let change = blockChange(of: weight, startFactor: startFactor)
    // The elements off the diagonal, by class: all rows of a class share them.
    let beside = Matrix<Scalar>(rows: change.rows, columns: change.columns) {
      Scalar(change[$0, $1])
    }
    let blocks = (0..<limit).map { $0 * size / limit..<($0 + 1) * size / limit }
    let rows = blocks.map { above.classes(of: $0) }
    // By class of rows and block of columns; blocks with the same classes share one entry.
    var extremesOfClasses: [[Int]: [Scalar]] = [:]
    let byBlock = blocks.map { block in
      let columns = below.classes(of: block)
      let known = extremesOfClasses[columns]
      let extremes =
        known ?? (0..<beside.rows).map { row in extreme(of: columns) { beside[row, $0] } }
      extremesOfClasses[columns] = extremes
      return extremes
    }
    var diagonals: [[[Int?]]: Scalar] = [:]
    return Matrix(rows: limit, columns: limit) { a, b in
      guard a == b else { return extreme(of: rows[a]) { byBlock[b][$0] } }
      let members = [above, below].map { Array($0.classOfUnit[blocks[a]]) }
      let found =
        diagonals[members]
        ?? diagonalExtreme(
          blocks[a], below, above, change: change, beside: beside, startFactor: startFactor)
      diagonals[members] = found
      return found
    }
  }

  /// The value of largest magnitude; the first one if several are equal.
  private func extreme(of indices: [Int], _ value: (Int) -> Scalar) -> Scalar {
    var extreme: Scalar = 0
    for index in indices {
      let value = value(index)
      if abs(value) > abs(extreme) { extreme = value }
    }
    return extreme
  }

  /// The extreme of a diagonal block, where each row has one element that differs from its class.
  private func diagonalExtreme(
    _ units: Range<Int>, _ below: MembershipMatrix, _ above: MembershipMatrix,
    change: Matrix<Double>,
    beside: Matrix<Scalar>, startFactor: Double
  ) -> Scalar {
    // Two units per class suffice: they show its elements on and off the diagonal.
    let (rows, columns) = (above.firstTwo(of: units), below.firstTwo(of: units))
    var extreme: Scalar = 0
    for i in rows {
      for j in columns {
        var element: Scalar = i == j ? Scalar(startFactor) : 0
        if let row = above.classOfUnit[i], let column = below.classOfUnit[j] {
          element =
            i == j
            ? Scalar(startFactor + change[row, column])
            : beside[row, column]
        }
        if abs(element) > abs(extreme) { extreme = element }
      }
    }
    return extreme
  }
}

extension MembershipMatrix {
  /// The live classes among some units, each once, in order of first occurrence.
  fileprivate func classes(of units: Range<Int>) -> [Int] {
    var isSeen = [Bool](repeating: false, count: count)
    return units.compactMap { unit in
      guard let found = classOfUnit[unit], !isSeen[found] else { return nil }
      isSeen[found] = true
      return found
    }
  }

  /// The first two units of each class among some units, and the first two dead ones.
  fileprivate func firstTwo(of units: Range<Int>) -> [Int] {
    var seen = [Int](repeating: 0, count: count + 1)
    return units.filter { unit in
      let place = classOfUnit[unit] ?? count
      seen[place] += 1
      return seen[place] <= 2
    }
  }
}
