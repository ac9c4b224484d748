// The product of two stored factors, as a tensor whose values are computed when they are read.

public import ZerOLinearAlgebra

/// The change of a weight by a low-rank adapter, s·L·R, in double precision.
///
/// The values are those of a row-major tensor of type F64. Reading them reads both factors, which
/// are small, and computes blocks of rows.
public struct LowRankProduct: Sendable {
  /// A factor: a stored tensor as a matrix, or its transpose.
  struct Factor: Sendable {
    let tensor: StoredTensor

    /// The dimensions of the stored matrix.
    let rows: Int
    let columns: Int

    let isTransposed: Bool

    /// Reads the factor.
    func matrix() throws(TensorFileError) -> Matrix<Double> {
      let stored = try tensor.matrix(rows: rows, columns: columns, as: Double.self)
      return isTransposed ? stored.transposed : stored
    }
  }

  /// L, m × r.
  let left: Factor

  /// R, r × n.
  let right: Factor

  /// The scale s.
  public let scale: Double

  /// The number of rows m.
  public var rows: Int { left.isTransposed ? left.columns : left.rows }

  /// The number of columns n.
  public var columns: Int { right.isTransposed ? right.rows : right.columns }

  /// Reads both factors.
  ///
  /// - Returns: L, m × r, and R, r × n.
  /// - Throws: `TensorFileError`.
  public func factors() throws(TensorFileError) -> (left: Matrix<Double>, right: Matrix<Double>) {
    (try left.matrix(), try right.matrix())
  }
}

extension StoredTensor {
  /// The factors of an adapter's weight change; `nil` for a tensor whose values are stored.
  public var lowRankProduct: LowRankProduct? {
    origin == nil ? source as? LowRankProduct : nil
  }
}

extension LowRankProduct: ByteSource {
  private static let format = FloatFormat.float64

  var count: Int { rows * columns * Self.format.byteCount }

  /// Each read reads the factors again, so the values are read at once.
  var isRandomAccess: Bool { false }

  func read(_ range: Range<Int>, _ body: (RawSpan) -> Void) throws(TensorFileError) {
    guard !range.isEmpty else { return }
    let (left, right) = try factors()
    let rowSize = columns * Self.format.byteCount
    let step = max(1, pieceSize / rowSize)
    let wanted = range.lowerBound / rowSize..<(range.upperBound + rowSize - 1) / rowSize
    for first in stride(from: wanted.lowerBound, to: wanted.upperBound, by: step) {
      let rows = first..<min(first + step, wanted.upperBound)
      var block = Matrix<Double>(repeating: 0, rows: rows.count, columns: columns)
      block.multiply(left.rows(rows), by: right, alpha: scale)
      let start = rows.lowerBound * rowSize
      let part =
        max(range.lowerBound, start) - start..<min(range.upperBound, rows.upperBound * rowSize)
        - start
      unsafe body(block.elements.span.bytes.extracting(part))
    }
  }
}

extension Matrix<Double> {
  /// Some consecutive rows.
  fileprivate func rows(_ range: Range<Int>) -> Matrix {
    let part = elements[range.lowerBound * columns..<range.upperBound * columns]
    return Matrix(rows: range.count, columns: columns, elements: ContiguousArray(part))
  }
}
