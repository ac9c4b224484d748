// Differences of matrices, taken in place.

public import Parallelism

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
}
