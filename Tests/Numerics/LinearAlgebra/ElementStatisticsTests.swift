import Testing
import ZerOLinearAlgebra
import ZerOParallelism

@Suite struct ElementStatisticsTests {
  @Test(arguments: [1e300, 1e-300, 0x1p-1070])
  func `the norm of ulps is finite even if squares overflow or underflow`(scale: Double) {
    let matrix = Matrix<Double>(repeating: scale, rows: 3, columns: 3)
    // Subnormal numbers have the same ulp as the smallest normal number.
    let binade = max(scale.binade, .leastNormalMagnitude)
    #expect(matrix.statistics().ulpNorm(epsilon: 1) == 3 * binade)
    var other = matrix
    other[1, 1] = .infinity
    #expect(other.statistics().ulpNorm(epsilon: 1) == 8.0.squareRoot() * binade)
  }

  @Test(arguments: [1.0, 1e-300])
  func `subnormal elements are counted relative to the storage type`(scale: Double) {
    var matrix = Matrix<Double>(repeating: 0, rows: 5, columns: 5)
    let unit = scale.binade
    matrix[0, 0] = 4 * unit
    matrix[4, 4] = -unit
    let exact = matrix.statistics(smallestExponent: Int(scale.exponent))
    #expect(exact.subnormals == 0 && exact.zeros == 23)
    #expect(exact.ulpNorm(epsilon: 1) == 17.0.squareRoot() * unit)
    // With a subnormal element, zeros may be underflowed numbers, so they count as well.
    matrix[0, 1] = unit / 4
    matrix[4, 3] = -unit / 8
    let rounded = matrix.statistics(smallestExponent: Int(scale.exponent))
    #expect(rounded.subnormals == 2 && rounded.zeros == 21)
    #expect(rounded.ulpNorm(epsilon: 1) == (16.0 + 24).squareRoot() * unit)
  }

  @Test func `zeros, NaNs and infinities are counted`() async throws {
    var a = Matrix<Double>(repeating: 0, rows: 300, columns: 7)
    a[0, 0] = 3
    a[299, 6] = -0.25
    a[1, 1] = .nan
    a[2, 2] = .infinity
    a[3, 3] = -.infinity
    a[4, 4] = -0.0
    let statistics = a.statistics()
    #expect(
      statistics.zeros == 2100 - 5 && statistics.notNumbers == 1 && statistics.infinities == 2)
    #expect(statistics.ulpNorm(epsilon: 1) == (4 + 0.0625).squareRoot())
    let shared = try await WorkerPool(threads: 3).run { [a] team in a.statistics(team) }
    #expect(shared == statistics)
    #expect(Matrix<Float>(a).statistics() == statistics)
  }

  @Test(arguments: [-126, -14, -6])
  func `single precision counts what double precision counts`(smallestExponent: Int) {
    var matrix = Matrix<Float>(repeating: 0, rows: 37, columns: 29)
    for row in 0..<37 {
      for column in 0..<29 where (row + column) % 5 > 0 {
        // Bit patterns of many exponents, scattered by Fibonacci hashing; more than one number is subnormal.
        let value = Float(bitPattern: UInt32(row * 29 + column) &* 0x9E37_79B1)
        matrix[row, column] = value.isFinite ? value * (row % 2 == 0 ? 1 : 0x1p-120) : 0
      }
    }
    let wide = Matrix<Double>(matrix).statistics(smallestExponent: smallestExponent)
    let narrow = matrix.statistics(smallestExponent: smallestExponent)
    #expect(narrow == wide && narrow.subnormals > 10 && narrow.zeros > 200)
    #expect(narrow.ulpNorm(epsilon: 1) > 0)
    matrix[3, 4] = .signalingNaN
    matrix[36, 28] = -.infinity
    #expect(
      matrix.statistics(smallestExponent: smallestExponent)
        == Matrix<Double>(matrix).statistics(smallestExponent: smallestExponent))
  }
}
