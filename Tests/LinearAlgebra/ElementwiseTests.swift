import LinearAlgebra
import Testing

@Suite struct ElementwiseTests {
  private let sample = Matrix<Float>(
    rows: 3, columns: 5, elements: [-2, -1, 0, 1, 2, 3, -3, 0.5, -0.5, 0, 9, -9, 1, 1, -1])

  @Test func `a bias goes to its own row`() {
    var matrix = sample
    matrix.addToEachColumn([10, 20, 30])
    let expected = Matrix<Float>(rows: 3, columns: 5) { i, j in
      sample[i, j] + Float(10 * (i + 1))
    }
    #expect(matrix == expected)
  }

  @Test func `rectifying keeps what is positive`() {
    var matrix = sample
    matrix.rectify()
    #expect(matrix == Matrix(rows: 3, columns: 5) { max(sample[$0, $1], 0) })
  }

  @Test func `rectifying lets a NaN through`() {
    var matrix = Matrix<Float>(rows: 1, columns: 2, elements: [.nan, -1])
    matrix.rectify()
    #expect(matrix[0, 0].isNaN && matrix[0, 1] == 0)
  }

  @Test func `gradients pass where the unit was active, not at zero`() {
    var gradient = Matrix<Float>(repeating: 7, rows: 3, columns: 5)
    var activations = sample
    activations.rectify()
    gradient.clearWhereInactive(activations)
    #expect(gradient == Matrix(rows: 3, columns: 5) { sample[$0, $1] > 0 ? 7 : 0 })
  }

  @Test func `row sums`() {
    #expect(sample.rowSums() == [0, 0, 1])
    #expect(Matrix<Float>(repeating: 1, rows: 2, columns: 0).rowSums() == [0, 0])
  }

  @Test func `conversion rounds to nearest and back is exact`() {
    let wide = Matrix<Double>(rows: 1, columns: 2, elements: [0.1, 1 / 3])
    let narrow = Matrix<Float>(wide)
    #expect(narrow.elements == [0.1, 1 / 3])
    #expect(Matrix<Float>(Matrix<Double>(narrow)) == narrow)
  }

  @Test func `transposing twice changes nothing`() {
    #expect(sample.transposed[4, 2] == sample[2, 4])
    #expect(sample.transposed.transposed == sample)
  }
}
