import Testing
import ZerOLinearAlgebra

@Suite struct ExtremesTests {
  @Test func `the element of largest magnitude keeps its sign`() {
    let matrix = Matrix<Float>(
      rows: 3, columns: 5,
      elements: [
        1, -2, 0, 0, 3,
        0, 0, 0, -4, 4,
        -1, 1, 0, 0.5, 0,
      ])
    // Rows 0 | 1 2, columns 0 1 | 2 3 4. Of −4 and 4, the first is used.
    #expect(
      matrix.blockExtremes(atMost: 2)
        == Matrix(rows: 2, columns: 2, elements: [-2, 3, -1, -4]))
    #expect(matrix.blockExtremes(atMost: 5) == matrix)
  }

  @Test(arguments: [(1, 1), (7, 100), (64, 64), (65, 130), (0, 3)])
  func `every element belongs to exactly one block`(rows: Int, columns: Int) {
    for place in 0..<rows * columns {
      var matrix = Matrix<Float>(repeating: 0, rows: rows, columns: columns)
      matrix[place / columns, place % columns] = -1
      let extremes = matrix.blockExtremes(atMost: 6)
      #expect(extremes.rows == min(rows, 6) && extremes.columns == min(columns, 6))
      #expect(extremes.elements.reduce(0, +) == -1)
    }
  }

  @Test func `an identity remains a diagonal of ones`() {
    let extremes = Matrix<Float>.identity(rows: 256, columns: 256).blockExtremes(atMost: 64)
    #expect(extremes == .identity(rows: 64, columns: 64))
  }
}
