import Testing
import ZerOLinearAlgebra

@Suite struct ElementwiseTests {
  private let sample = Matrix<Float>(
    rows: 3, columns: 5, elements: [-2, -1, 0, 1, 2, 3, -3, 0.5, -0.5, 0, 9, -9, 1, 1, -1])

  @Test func `a bias is added to its row`() {
    var matrix = sample
    matrix.writeRows { $0.addToEachColumn([10, 20, 30]) }
    let expected = Matrix<Float>(rows: 3, columns: 5) { i, j in
      sample[i, j] + Float(10 * (i + 1))
    }
    #expect(matrix == expected)
  }

  @Test func `ReLU keeps positive values`() {
    var matrix = sample
    matrix.writeRows { $0.applyReLU() }
    #expect(matrix == Matrix(rows: 3, columns: 5) { max(sample[$0, $1], 0) })
  }

  @Test func `ReLU keeps NaN`() {
    var matrix = Matrix<Float>(rows: 1, columns: 2, elements: [.nan, -1])
    matrix.writeRows { $0.applyReLU() }
    #expect(matrix[0, 0].isNaN && matrix[0, 1] == 0)
  }

  @Test func `gradients pass active units, but not at zero`() {
    var gradient = Matrix<Float>(repeating: 7, rows: 3, columns: 5)
    var activations = sample
    activations.writeRows { $0.applyReLU() }
    gradient.writeRows { [activations] in $0.maskGradient(ofReLU: activations) }
    #expect(gradient == Matrix(rows: 3, columns: 5) { sample[$0, $1] > 0 ? 7 : 0 })
  }

  @Test func `parts are summed in each block of rows`() {
    let parts = Matrix<Float>(rows: 3 * 130, columns: 2) { i, j in
      Float(1000 * (i / 130) + i % 130 + j)
    }
    var sum = Matrix<Float>(repeating: .nan, rows: 130, columns: 2)
    sum.writeRows { $0.addUp(parts) }
    #expect(sum == Matrix(rows: 130, columns: 2) { i, j in Float(3000 + 3 * (i + j)) })
    sum.writeRows { [sum] in $0.addUp(sum) }
    #expect(sum[129, 1] == 3390)
  }

  @Test func `row sums equal their definition`() {
    #expect(sample.rowSums() == [0, 0, 1])
    #expect(Matrix<Float>(repeating: 1, rows: 2, columns: 0).rowSums() == [0, 0])
    // More columns than partial sums, and not a multiple of their number.
    let long = Matrix<Double>(rows: 3, columns: 37) { i, j in Double((i + 1) * j) }
    #expect(long.rowSums() == [666, 1332, 1998])
  }

  @Test func `a single non-finite element is found at any position`() {
    for place in [0, 7, 8, 16, 18] {
      for value in [Float.nan, .infinity, -.infinity] {
        var matrix = Matrix<Float>(repeating: 3e38, rows: 1, columns: 19)
        #expect(matrix.isFinite)
        matrix[0, place] = value
        #expect(!matrix.isFinite)
      }
    }
  }

  @Test func `differences are computed in double precision`() {
    var matrix = Matrix<Double>(Matrix<Float>(repeating: 0.1, rows: 2, columns: 3))
    matrix.subtract(Matrix<Float>(repeating: 0.1, rows: 2, columns: 3))
    #expect(matrix == Matrix(repeating: 0, rows: 2, columns: 3))
    let weight = Matrix<Float>(rows: 200, columns: 3) { i, j in 0.1 * Float(i) + Float(j) }
    let start = Matrix<Float>(rows: 200, columns: 3) { i, _ in 0.1 * Float(i) }
    var expected = Matrix<Double>(weight)
    expected.subtract(start)
    #expect(Matrix(weight, minus: start) == expected)
    #expect(Matrix(weight, minus: Matrix<Double>(start)) == expected)
    matrix.add(Matrix(repeating: 2, rows: 2, columns: 3))
    matrix.add(Matrix(repeating: -2, rows: 2, columns: 3))
    matrix.subtractIdentity()
    #expect(matrix.elements == [-1, 0, 0, 0, -1, 0])
    #expect(Matrix<Float>.identity(rows: 2, columns: 3).isIdentity && !matrix.isIdentity)
  }

  @Test func `conversion rounds to nearest, and the way back is exact`() {
    let wide = Matrix<Double>(rows: 1, columns: 2, elements: [0.1, 1 / 3])
    let narrow = Matrix<Float>(wide)
    #expect(narrow.elements == [0.1, 1 / 3])
    #expect(Matrix<Float>(Matrix<Double>(narrow)) == narrow)
  }

  @Test func `transposing twice changes nothing`() {
    #expect(sample.transposed[4, 2] == sample[2, 4])
    #expect(sample.transposed.transposed == sample)
    // More than one tile in both dimensions, and incomplete tiles.
    let large = Matrix<Double>(rows: 70, columns: 131) { i, j in Double(1000 * i + j) }
    #expect(large.transposed == Matrix(rows: 131, columns: 70) { i, j in Double(1000 * j + i) })
  }
}
