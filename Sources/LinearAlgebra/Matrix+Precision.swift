// From one precision to the other.

public import Parallelism

extension Matrix {
  /// Converts a matrix to another precision; to a narrower one each element is rounded to nearest.
  ///
  /// - Parameters:
  ///   - other: The matrix to convert.
  ///   - crew: Shares the rows.
  @specialized(where Scalar == Double, Other == Float)
  @specialized(where Scalar == Float, Other == Float)
  @specialized(where Scalar == Float, Other == Double)
  public init<Other: MatrixScalar>(_ other: Matrix<Other>, crew: Crew = .alone) {
    self.init(repeating: 0, rows: other.rows, columns: other.columns)
    let source = other
    writeRows(crew) { block in
      block.withMutableElements { target in
        let part = source.elements.span.extracting(
          block.rows.lowerBound &* block.columns..<block.rows.upperBound &* block.columns)
        var j = 0
        while j < part.count {
          target[j] = Scalar(part[j])
          j &+= 1
        }
      }
    }
  }
}
