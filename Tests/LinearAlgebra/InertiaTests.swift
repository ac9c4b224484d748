// The fast count against the slow one, everywhere that they could part.

import LinearAlgebra
import Testing

@Suite struct InertiaTests {
  /// U·diag(values)·Vᵀ, m × n, with reflections for U and V.
  private func matrix(_ m: Int, _ n: Int, singularValues values: [Double]) -> Matrix<Double> {
    func reflection(_ size: Int, _ phase: Double) -> Matrix<Double> {
      let v = (0..<size).map { 1 + phase * Double($0 % 5) }
      let norm = v.reduce(0) { $0 + $1 * $1 }
      return Matrix(rows: size, columns: size) { ($0 == $1 ? 1 : 0) - 2 * v[$0] * v[$1] / norm }
    }
    let diagonal = Matrix<Double>(rows: m, columns: n) { $0 == $1 ? values[$0] : 0 }
    return reflection(m, 0.7) * diagonal * reflection(n, -0.3)
  }

  private func slowCount(_ matrix: Matrix<Double>, _ tolerance: Double) throws -> Int {
    try matrix.singularValues().count { $0 > tolerance }
  }

  @Test(arguments: [(40, 40), (25, 60), (60, 25), (1, 1), (1, 9)])
  func `counts agree with the singular values, over a wide spectrum`(m: Int, n: Int) throws {
    let values = (0..<min(m, n)).map { 3 * Double.pow(0.6, $0) }
    let matrix = matrix(m, n, singularValues: values)
    for tolerance in [1e-4, 3e-3, 0.5, 4] {
      #expect(try matrix.countOfSingularValues(above: tolerance) == slowCount(matrix, tolerance))
    }
  }

  @Test func `indefinite blocks of two are counted right`() throws {
    // A zero diagonal after the shift forces pivots of order two.
    let matrix = Matrix<Double>(rows: 6, columns: 6) { i, j in i + j == 5 ? Double(i + 1) : 0 }
    for tolerance in [0.5, 1.5, 3.5, 6.5] {
      #expect(try matrix.countOfSingularValues(above: tolerance) == slowCount(matrix, tolerance))
    }
  }

  @Test(arguments: [0, 1e-9, -1e-9])
  func `a value too near the tolerance is left undecided`(offset: Double) throws {
    let values = [2, 1, 1e-4 * (1 + offset), 1e-7]
    #expect(
      try matrix(4, 4, singularValues: values).countOfSingularValues(above: 1e-4) == nil)
  }

  @Test(arguments: [1.01, 0.99]) func `a hundredth beside the tolerance is decided`(factor: Double)
    throws
  {
    let values = [2, 1, 1e-4 * factor, 1e-7]
    #expect(
      try matrix(4, 4, singularValues: values).countOfSingularValues(above: 1e-4)
        == (factor > 1 ? 3 : 2))
  }

  @Test func `a tolerance lost in the rounding of the norm is left undecided`() throws {
    #expect(
      try matrix(3, 3, singularValues: [1e6, 1, 1]).countOfSingularValues(above: 1e-4) == nil)
  }

  @Test func `rows and columns of zeros, and nothing else, count nothing`() throws {
    let zero = Matrix<Double>(repeating: 0, rows: 5, columns: 7)
    #expect(try zero.countOfSingularValues(above: 1e-4) == 0)
    var one = zero
    one[3, 2] = 1
    #expect(try one.countOfSingularValues(above: 1e-4) == 1)
    #expect(
      try Matrix<Double>(repeating: 0, rows: 0, columns: 3).countOfSingularValues(above: 1) == 0)
  }

  @Test func `a NaN is refused`() {
    let matrix = Matrix<Double>(repeating: .nan, rows: 2, columns: 2)
    #expect(throws: FactorizationError.notFinite) { try matrix.countOfSingularValues(above: 1) }
  }
}

extension Double {
  fileprivate static func pow(_ base: Double, _ exponent: Int) -> Double {
    (0..<exponent).reduce(1) { product, _ in product * base }
  }
}
