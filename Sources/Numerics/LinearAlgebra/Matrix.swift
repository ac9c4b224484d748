// The matrix type: storage and element access. Operations are in extensions, in the other files of this folder.

import ZerORequirements

/// A dense matrix, row-major: element (i, j) is `elements[i · columns + j]`.
///
/// A matrix is a value: copies share storage until one of them changes. The number of rows or columns may be 0.
public struct Matrix<Scalar: MatrixScalar>: Equatable, Sendable {
  /// The number of rows, m.
  public let rows: Int

  /// The number of columns, n.
  public let columns: Int

  /// The m·n elements in row-major order.
  public internal(set) var elements: ContiguousArray<Scalar>

  /// Creates a matrix of equal elements.
  ///
  /// - Parameters:
  ///   - value: The value of every element.
  ///   - rows: m ≥ 0.
  ///   - columns: n ≥ 0.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public init(repeating value: Scalar, rows: Int, columns: Int) {
    let (count, overflows) = rows.multipliedReportingOverflow(by: columns)
    require(rows >= 0 && columns >= 0 && !overflows, "a matrix of \(rows) × \(columns)")
    self.init(
      rows: rows, columns: columns, elements: ContiguousArray(repeating: value, count: count))
  }

  /// Creates a matrix from its elements.
  ///
  /// - Parameters:
  ///   - rows: m ≥ 0.
  ///   - columns: n ≥ 0.
  ///   - elements: m·n values in row-major order.
  public init(rows: Int, columns: Int, elements: ContiguousArray<Scalar>) {
    require(rows >= 0 && columns >= 0, "negative dimensions: \(rows) × \(columns)")
    require(
      elements.count == rows * columns,
      "\(elements.count) elements do not match a matrix of \(rows) × \(columns)")
    self.rows = rows
    self.columns = columns
    self.elements = elements
  }

  /// Creates a matrix from a formula for its elements.
  ///
  /// - Parameters:
  ///   - rows: m ≥ 0.
  ///   - columns: n ≥ 0.
  ///   - element: Returns the element at row i and column j; called in row-major order.
  public init(rows: Int, columns: Int, element: (_ i: Int, _ j: Int) -> Scalar) {
    require(rows >= 0 && columns >= 0, "negative dimensions: \(rows) × \(columns)")
    var elements = ContiguousArray<Scalar>()
    elements.reserveCapacity(rows * columns)
    for i in 0..<rows {
      for j in 0..<columns { elements.append(element(i, j)) }
    }
    self.init(rows: rows, columns: columns, elements: elements)
  }

  /// The partial identity: 1 on the main diagonal, 0 elsewhere.
  ///
  /// A square one is the identity.
  ///
  /// - Parameters:
  ///   - rows: m ≥ 0.
  ///   - columns: n ≥ 0.
  /// - Returns: The matrix, with min(m, n) ones.
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
    require(
      i >= 0 && i < rows && j >= 0 && j < columns,
      "element (\(i), \(j)) is outside a matrix of \(rows) × \(columns)")
    return i * columns + j
  }

  /// Whether every element is a finite number.
  public var isFinite: Bool {
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    get {
      // x − x is 0 for a finite x and NaN otherwise, and a sum with a NaN is NaN.
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
