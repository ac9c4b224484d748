// The package's one matrix type. Storage and element access only; what is done with matrices is in
// the extensions beside this file.

/// A dense matrix, row-major: element (i, j) is `elements[i · columns + j]`.
///
/// A value: copies share storage until one of them changes. Either extent may be 0.
public struct Matrix<Scalar: MatrixScalar>: Equatable, Sendable {
  /// The number of rows, m.
  public let rows: Int

  /// The number of columns, n.
  public let columns: Int

  /// The m·n elements, row after row.
  public internal(set) var elements: ContiguousArray<Scalar>

  /// Makes a matrix of equal elements.
  ///
  /// - Parameters:
  ///   - value: Every element.
  ///   - rows: m ≥ 0.
  ///   - columns: n ≥ 0.
  public init(repeating value: Scalar, rows: Int, columns: Int) {
    self.init(
      rows: rows, columns: columns,
      elements: ContiguousArray(repeating: value, count: max(0, rows) * max(0, columns)))
  }

  /// Makes a matrix from its elements.
  ///
  /// - Parameters:
  ///   - rows: m ≥ 0.
  ///   - columns: n ≥ 0.
  ///   - elements: m·n values, row after row.
  public init(rows: Int, columns: Int, elements: ContiguousArray<Scalar>) {
    precondition(rows >= 0 && columns >= 0, "a matrix of \(rows) × \(columns)")
    precondition(
      elements.count == rows * columns,
      "\(elements.count) elements for a matrix of \(rows) × \(columns)")
    self.rows = rows
    self.columns = columns
    self.elements = elements
  }

  /// Makes a matrix from a formula for its elements.
  ///
  /// - Parameters:
  ///   - rows: m ≥ 0.
  ///   - columns: n ≥ 0.
  ///   - element: The value at row i, column j, asked for in row-major order.
  public init(rows: Int, columns: Int, element: (_ i: Int, _ j: Int) -> Scalar) {
    precondition(rows >= 0 && columns >= 0, "a matrix of \(rows) × \(columns)")
    var elements = ContiguousArray<Scalar>()
    elements.reserveCapacity(rows * columns)
    for i in 0..<rows {
      for j in 0..<columns { elements.append(element(i, j)) }
    }
    self.init(rows: rows, columns: columns, elements: elements)
  }

  /// The partial identity: 1 where row and column agree, else 0; the identity when square.
  ///
  /// - Parameters:
  ///   - rows: m ≥ 0.
  ///   - columns: n ≥ 0.
  /// - Returns: The matrix, min(m, n) ones in it.
  public static func identity(rows: Int, columns: Int) -> Matrix {
    var matrix = Matrix(repeating: 0, rows: rows, columns: columns)
    for i in 0..<min(rows, columns) { matrix[i, i] = 1 }
    return matrix
  }

  /// The element at row `i`, column `j`.
  public subscript(i: Int, j: Int) -> Scalar {
    get { elements[offset(i, j)] }
    set { elements[offset(i, j)] = newValue }
  }

  private func offset(_ i: Int, _ j: Int) -> Int {
    precondition(
      i >= 0 && i < rows && j >= 0 && j < columns,
      "element (\(i), \(j)) of a matrix of \(rows) × \(columns)")
    return i * columns + j
  }

  /// Whether every element is a finite number.
  public var isFinite: Bool {
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    get {
      // x − x is 0 for a finite number and NaN for any other, and so is the sum of such differences.
      let all = elements.span
      var slots = SIMD8<Scalar>(repeating: 0)
      let whole = all.count & ~7
      var j = 0
      while j < whole {
        for slot in 0..<8 { slots[slot] += all[j &+ slot] - all[j &+ slot] }
        j &+= 8
      }
      while j < all.count {
        slots[0] += all[j] - all[j]
        j &+= 1
      }
      return slots.sum() == 0
    }
  }
}
