// What a dense layer does between two products, for activations kept as features × samples, so that
// a unit is a row and a bias is constant along it. On blocks of rows, so that a block is still in the
// cache of the core that multiplied it. The loops are written so that they become vector instructions:
// `while` over a pointer.

public import Parallelism

extension RowBlock {
  /// x[i, j] ← x[i, j] + b[i].
  ///
  /// - Parameter bias: b, one value for each row of the whole matrix.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func addToEachColumn(_ bias: ContiguousArray<Scalar>) {
    precondition(bias.count == rowCount, "\(bias.count) biases for \(rowCount) rows")
    var position = 0
    for i in rows {
      let shift = bias[i]
      let end = position &+ columns
      while position < end {
        unsafe base[position] += shift
        position &+= 1
      }
    }
  }

  /// x ← max(x, 0), the rectified linear unit; a NaN stays NaN, so that divergence is seen.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func applyReLU() {
    let count = count
    var j = 0
    while j < count {
      let value = unsafe base[j]
      unsafe base[j] = value < 0 ? 0 : value
      j &+= 1
    }
  }

  /// x[i, j] ← 0 wherever a[i, j] ≤ 0: the derivative of `applyReLU`, applied to a gradient.
  ///
  /// At a = 0 the derivative is taken as 0, as PyTorch does. A NaN in a lets the gradient through.
  ///
  /// - Parameter activations: a, the rectified values, of the whole matrix's shape.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func maskGradient(ofReLU activations: Matrix<Scalar>) {
    precondition(
      activations.rows == rowCount && activations.columns == columns,
      "a gradient of \(rowCount) × \(columns) for activations of \(activations.rows) × "
        + "\(activations.columns)")
    let (count, offset) = (count, rows.lowerBound * columns)
    unsafe activations.elements.withUnsafeBufferPointer { all in
      guard let first = all.baseAddress else { return }
      let active = unsafe first + offset
      var j = 0
      while j < count {
        // Read before it is decided on: a load under a condition would not become a vector's.
        let gradient = unsafe base[j]
        unsafe base[j] = active[j] <= 0 ? 0 : gradient
        j &+= 1
      }
    }
  }

  /// Changes each element by that of another matrix at the same place.
  ///
  /// - Parameters:
  ///   - other: Of the whole matrix's shape.
  ///   - change: Gets the element and the other's.
  @inline(__always)
  func combine<Other>(with other: Matrix<Other>, _ change: (inout Scalar, Other) -> Void) {
    let (count, offset) = (count, rows.lowerBound * columns)
    let source = other.elements.span
    var j = 0
    while j < count {
      unsafe change(&base[j], source[offset &+ j])
      j &+= 1
    }
  }

  /// x ← Σ p, the sum of matrices of x's shape, added up in their order.
  ///
  /// - Parameter parts: p, one below another; at least one.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func addUp(_ parts: Matrix<Scalar>) {
    precondition(
      parts.rows > 0 && parts.rows.isMultiple(of: rowCount) && parts.columns == columns,
      "\(parts.rows) × \(parts.columns) for the sum of matrices of \(rowCount) × \(columns)")
    let (count, start, size) = (count, rows.lowerBound * columns, rowCount * columns)
    unsafe parts.elements.withUnsafeBufferPointer { all in
      guard let first = all.baseAddress else { return }
      unsafe base.update(from: first + start, count: count)
      for offset in stride(from: start + size, to: all.count, by: size) {
        let part = unsafe first + offset
        var j = 0
        while j < count {
          unsafe base[j] += part[j]
          j &+= 1
        }
      }
    }
  }

  /// Lends the elements, row after row, to be overwritten.
  ///
  /// - Parameter body: Gets rows · n elements; it can't change how many there are.
  public func withMutableElements(_ body: (inout MutableSpan<Scalar>) -> Void) {
    var span = unsafe MutableSpan(_unsafeStart: base, count: count)
    body(&span)
  }
}

extension Matrix<Double> {
  /// A ← A − B, element by element, B's converted first.
  ///
  /// - Parameters:
  ///   - other: B, of A's shape.
  ///   - team: Shares the rows.
  @specialized(where Other == Double)
  @specialized(where Other == Float)
  public mutating func subtract<Other>(_ other: Matrix<Other>, team: ThreadTeam = .alone) {
    precondition(
      rows == other.rows && columns == other.columns,
      "\(rows) × \(columns) minus \(other.rows) × \(other.columns)")
    writeRows(team) { block in block.combine(with: other) { $0 -= Double($1) } }
  }

  /// A ← A − I, the partial identity where A is not square.
  public mutating func subtractIdentity() {
    for i in 0..<Swift.min(rows, columns) { self[i, i] -= 1 }
  }
}

extension Matrix {
  /// Whether this is the partial identity of its shape.
  public var isIdentity: Bool { self == .identity(rows: rows, columns: columns) }

  /// Converts a matrix to another precision; to a narrower one each element is rounded to nearest.
  ///
  /// - Parameters:
  ///   - other: The matrix to convert.
  ///   - team: Shares the rows.
  @specialized(where Scalar == Double, Other == Float)
  @specialized(where Scalar == Float, Other == Float)
  @specialized(where Scalar == Float, Other == Double)
  public init<Other: MatrixScalar>(_ other: Matrix<Other>, team: ThreadTeam = .alone) {
    self.init(repeating: 0, rows: other.rows, columns: other.columns)
    writeRows(team) { block in block.combine(with: other) { $0 = Scalar($1) } }
  }

  /// The sum of each row, added up in `laneCount` interleaved parts.
  ///
  /// - Complexity: m·n additions, several at once.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func rowSums() -> ContiguousArray<Scalar> {
    var sums = ContiguousArray<Scalar>(repeating: 0, count: rows)
    let whole = columns - columns % Self.laneCount
    unsafe elements.withUnsafeBufferPointer { all in
      for i in 0..<rows {
        let row = UnsafeRawBufferPointer(all.extracting(i * columns..<(i + 1) * columns))
        var slots = SIMD16<Scalar>(repeating: 0)
        var j = 0
        while j < whole {
          unsafe slots += row.loadUnaligned(
            fromByteOffset: j &* MemoryLayout<Scalar>.stride, as: SIMD16<Scalar>.self)
          j &+= Self.laneCount
        }
        var sum = slots.sum()
        while j < columns {
          unsafe sum += all[i &* columns &+ j]
          j &+= 1
        }
        sums[i] = sum
      }
    }
    return sums
  }

  /// The number of partial sums of a row: enough for the widest vector registers.
  private static var laneCount: Int { 16 }
}
