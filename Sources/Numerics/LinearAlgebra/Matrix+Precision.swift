// From one precision to the other.

public import Parallelism

extension Matrix {
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
}
