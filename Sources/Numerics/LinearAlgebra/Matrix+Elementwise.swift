// Elementwise operations. Activations are features × samples: one row per unit, so a bias is constant along a row.
// The operations of a dense layer work on blocks of rows, which are still in the cache of the core that multiplied
// them. Loops are `while` loops over a pointer, which the compiler vectorizes.

public import ZerOParallelism
import ZerORequirements

extension RowBlock {
  /// Adds a bias to each column: x[i, j] ← x[i, j] + b[i mod C].
  ///
  /// - Parameter bias: b of C values: one per row of the whole matrix, or one per channel of images, where row i belongs to channel
  ///   i mod C.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func addToEachColumn(_ bias: ContiguousArray<Scalar>) {
    require(
      rowCount.isMultiple(of: bias.count),
      "\(bias.count) biases do not match \(rowCount) rows")
    var position = 0
    for i in rows {
      let shift = bias[i % bias.count]
      let end = position &+ columns
      while position < end {
        unsafe base[position] += shift
        position &+= 1
      }
    }
  }

  /// Copies or adds rows of another matrix with the same number of columns.
  ///
  /// - Parameters:
  ///   - other: The other matrix.
  ///   - adding: Whether its rows are added.
  ///   - source: The row of `other` for each row of this matrix.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func copyRows(of other: Matrix<Scalar>, adding: Bool, from source: (Int) -> Int) {
    require(other.columns == columns, "rows of \(other.columns) columns for \(columns)")
    let all = other.elements.span
    var position = 0
    for row in rows {
      let start = source(row) &* columns
      for column in 0..<columns {
        let value = all[start &+ column]
        unsafe base[position] = adding ? base[position] + value : value
        position &+= 1
      }
    }
  }

  /// Applies ReLU, x ← max(x, 0).
  ///
  /// A NaN stays NaN, so divergence remains visible.
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

  /// Multiplies a gradient by the derivative of ReLU: x[i, j] ← 0 where a[i, j] ≤ 0.
  ///
  /// The derivative at 0 is 0, as in PyTorch. Where a is NaN, the gradient is unchanged.
  ///
  /// - Parameter activations: a, the output of ReLU, with the shape of the whole matrix.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func maskGradient(ofReLU activations: Matrix<Scalar>) {
    require(
      activations.rows == rowCount && activations.columns == columns,
      "a gradient of \(rowCount) × \(columns) does not match activations of \(activations.rows) × "
        + "\(activations.columns)")
    let (count, offset) = (count, rows.lowerBound * columns)
    unsafe activations.elements.withUnsafeBufferPointer { all in
      guard let first = all.baseAddress else { return }
      let active = unsafe first + offset
      var j = 0
      while j < count {
        // An unconditional load, since a conditional one would prevent vectorization.
        let gradient = unsafe base[j]
        unsafe base[j] = active[j] <= 0 ? 0 : gradient
        j &+= 1
      }
    }
  }

  /// Changes each element, given the corresponding element of another matrix.
  ///
  /// - Parameters:
  ///   - other: A matrix with the shape of the whole matrix.
  ///   - change: Receives the element and the corresponding one.
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

  /// Computes the sum of matrices, x ← Σ p or x ← x + Σ p, in their order.
  ///
  /// - Parameters:
  ///   - parts: The matrices p, each with the shape of the whole matrix, one below the other; at least one.
  ///   - adding: Whether the sum is added to the elements.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func addUp(_ parts: Matrix<Scalar>, adding: Bool = false) {
    require(
      parts.rows > 0 && parts.rows.isMultiple(of: rowCount) && parts.columns == columns,
      "\(parts.rows) × \(parts.columns) does not divide into matrices of \(rowCount) × \(columns)")
    let (count, start, size) = (count, rows.lowerBound * columns, rowCount * columns)
    unsafe parts.elements.withUnsafeBufferPointer { all in
      guard let first = all.baseAddress else { return }
      if !adding { unsafe base.update(from: first + start, count: count) }
      for offset in stride(from: start + (adding ? 0 : size), to: all.count, by: size) {
        let part = unsafe first + offset
        var j = 0
        while j < count {
          unsafe base[j] += part[j]
          j &+= 1
        }
      }
    }
  }

  /// Copies the elements of a matrix.
  ///
  /// - Parameter other: A matrix with the shape of the whole matrix.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func copy(_ other: Matrix<Scalar>) {
    require(
      other.rows == rowCount && other.columns == columns,
      "\(other.rows) × \(other.columns) into \(rowCount) × \(columns)")
    combine(with: other) { $0 = $1 }
  }

  /// Adds a matrix, x ← x + y.
  ///
  /// - Parameter other: y, with the shape of the whole matrix.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func add(_ other: Matrix<Scalar>) {
    require(
      other.rows == rowCount && other.columns == columns,
      "\(other.rows) × \(other.columns) added to \(rowCount) × \(columns)")
    combine(with: other) { $0 += $1 }
  }

  /// Multiplies each row by a number, x[i, j] ← x[i, j]·f[i].
  ///
  /// - Parameter factors: f, one number per row of the whole matrix.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func multiplyEachRow(by factors: ContiguousArray<Double>) {
    require(factors.count == rowCount, "\(factors.count) factors for \(rowCount) rows")
    var position = 0
    for i in rows {
      let factor = Scalar(factors[i])
      let end = position &+ columns
      while position < end {
        unsafe base[position] *= factor
        position &+= 1
      }
    }
  }

  /// Multiplies each group of k neighboring columns by a number, x[i, j] ← x[i, j]·f[j / k].
  ///
  /// - Parameter factors: f, n/k numbers; k = 1 multiplies each column by a number of its own.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func multiplyColumns(by factors: ContiguousArray<Double>) {
    require(
      !factors.isEmpty && columns.isMultiple(of: factors.count),
      "\(factors.count) factors for \(columns) columns")
    let size = columns / factors.count
    var position = 0
    for _ in rows {
      for factor in factors {
        let (factor, end) = (Scalar(factor), position &+ size)
        while position < end {
          unsafe base[position] *= factor
          position &+= 1
        }
      }
    }
  }

  /// Calls a closure with mutable access to the elements, in row-major order.
  ///
  /// - Parameter body: Receives the elements of the block, (number of rows) · n.
  public func withMutableElements(_ body: (inout MutableSpan<Scalar>) -> Void) {
    var span = unsafe MutableSpan(_unsafeStart: base, count: count)
    body(&span)
  }
}

extension Matrix<Double> {
  /// The difference A − B, or a band of its rows, computed in double precision.
  ///
  /// - Parameters:
  ///   - left: A.
  ///   - right: B, with the shape of A.
  ///   - band: The rows to compute, of those of A; `nil` for all.
  ///   - team: The threads that share the rows.
  @specialized(where Left == Float, Right == Float)
  @specialized(where Left == Float, Right == Double)
  @specialized(where Left == Double, Right == Float)
  @specialized(where Left == Double, Right == Double)
  public init<Left, Right>(
    _ left: Matrix<Left>, minus right: Matrix<Right>, rows band: Range<Int>? = nil,
    team: ThreadTeam = .alone
  ) {
    require(
      left.rows == right.rows && left.columns == right.columns,
      "cannot subtract \(right.rows) × \(right.columns) from \(left.rows) × \(left.columns)")
    let (band, columns) = (band ?? 0..<left.rows, left.columns)
    require(
      band.lowerBound >= 0 && band.upperBound <= left.rows,
      "rows \(band) of a matrix of \(left.rows) × \(left.columns)")
    self.init(rows: band.count, columns: columns, isOneBlock: false, team: team) { block in
      let (count, offset) = (block.count, (band.lowerBound + block.rows.lowerBound) * columns)
      unsafe left.elements.withUnsafeBufferPointer { left in
        unsafe right.elements.withUnsafeBufferPointer { right in
          guard let first = left.baseAddress, let second = right.baseAddress else { return }
          let (a, b) = unsafe (first + offset, second + offset)
          var j = 0
          while j < count {
            unsafe block.base[j] = Double(a[j]) - Double(b[j])
            j &+= 1
          }
        }
      }
    }
  }

  /// Subtracts a multiple of a matrix: A ← A − α·B, where B is converted to double precision.
  ///
  /// - Parameters:
  ///   - other: B, with the shape of A.
  ///   - factor: α.
  ///   - team: The threads that share the rows.
  @specialized(where Other == Double)
  @specialized(where Other == Float)
  public mutating func subtract<Other>(
    _ other: Matrix<Other>, times factor: Double = 1, team: ThreadTeam = .alone
  ) {
    require(
      rows == other.rows && columns == other.columns,
      "cannot subtract \(other.rows) × \(other.columns) from \(rows) × \(columns)")
    writeRows(team) { block in block.combine(with: other) { $0 -= factor * Double($1) } }
  }

  /// Adds a matrix: A ← A + B, where B is converted to double precision.
  ///
  /// - Parameters:
  ///   - other: B, with the shape of A.
  ///   - team: The threads that share the rows.
  @specialized(where Other == Double)
  @specialized(where Other == Float)
  public mutating func add<Other>(_ other: Matrix<Other>, team: ThreadTeam = .alone) {
    require(
      rows == other.rows && columns == other.columns,
      "cannot add \(other.rows) × \(other.columns) to \(rows) × \(columns)")
    writeRows(team) { block in block.combine(with: other) { $0 += Double($1) } }
  }

  /// Subtracts a multiple of the partial identity: A ← A − α·I.
  ///
  /// - Parameters:
  ///   - factor: α.
  ///   - taps: The number of columns per input of a convolution kernel; 1 for a dense layer.
  ///   - tap: The tap, counted from 0, that contains I.
  public mutating func subtractIdentity(times factor: Double = 1, taps: Int = 1, tap: Int = 0) {
    for i in 0..<Swift.min(rows, columns / taps) { self[i, i * taps + tap] -= factor }
  }
}

extension Matrix {
  /// Whether the matrix is the partial identity of its shape.
  public var isIdentity: Bool { self == .identity(rows: rows, columns: columns) }

  /// Converts a matrix, or a band of its rows, to another precision.
  ///
  /// A narrower precision rounds to nearest.
  ///
  /// - Parameters:
  ///   - other: The matrix to convert.
  ///   - band: The rows to convert, of those of the matrix; `nil` for all.
  ///   - team: The threads that share the rows.
  @specialized(where Scalar == Double, Other == Double)
  @specialized(where Scalar == Double, Other == Float)
  @specialized(where Scalar == Float, Other == Float)
  @specialized(where Scalar == Float, Other == Double)
  public init<Other: MatrixScalar>(
    _ other: Matrix<Other>, rows band: Range<Int>? = nil, team: ThreadTeam = .alone
  ) {
    let (band, columns) = (band ?? 0..<other.rows, other.columns)
    require(
      band.lowerBound >= 0 && band.upperBound <= other.rows,
      "rows \(band) of a matrix of \(other.rows) × \(other.columns)")
    self.init(rows: band.count, columns: columns, isOneBlock: false, team: team) { block in
      let (count, offset) = (block.count, (band.lowerBound + block.rows.lowerBound) * columns)
      unsafe other.elements.withUnsafeBufferPointer { other in
        guard let first = other.baseAddress else { return }
        let source = unsafe first + offset
        var j = 0
        while j < count {
          unsafe block.base[j] = Scalar(source[j])
          j &+= 1
        }
      }
    }
  }

  /// The sum of each row, from `laneCount` interleaved partial sums.
  ///
  /// - Complexity: m·n additions in vector instructions.
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

  /// The sum of each column, row after row.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func columnSums() -> ContiguousArray<Scalar> {
    var sums = ContiguousArray(elements.prefix(columns))
    unsafe elements.withUnsafeBufferPointer { all in
      unsafe sums.withUnsafeMutableBufferPointer { sums in
        guard let source = all.baseAddress, let target = sums.baseAddress else { return }
        for row in 1..<Swift.max(1, rows) {
          unsafe Scalar.add(source + row * columns, to: target, count: columns)
        }
      }
    }
    return sums
  }

  /// The number of partial sums per row, which fills the widest vector registers.
  private static var laneCount: Int { 16 }
}
