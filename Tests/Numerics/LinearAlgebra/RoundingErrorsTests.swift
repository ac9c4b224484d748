import TestSupport
import Testing
import ZerOLinearAlgebra

@Suite struct RoundingErrorsTests {
  private let rounding = Tolerance(relative: 1e-13, because: "a few roundings in double precision")

  /// The errors of BF16, whose ε is 1/128 and whose smallest normal number is 2^-126.
  private func errors(_ matrix: Matrix<Double>, countsZeros: Bool = false) -> RoundingErrors {
    RoundingErrors(
      of: matrix, epsilon: 0x1p-7, smallestExponent: -126, countsZeros: countsZeros)
  }

  @Test(arguments: [(5, 5), (3, 40), (40, 3), (1, 1)])
  func `equal ulps give √m + √n`(rows: Int, columns: Int) {
    let matrix = Matrix<Double>(rows: rows, columns: columns) { ($0 + $1) % 2 == 0 ? 1 : -1.5 }
    expectClose(
      errors(matrix).normBound,
      0x1p-7 / 12.0.squareRoot() * (Double(rows).squareRoot() + Double(columns).squareRoot()),
      within: rounding)
  }

  @Test func `unequal ulps give the largest row and the largest column`() {
    // The ulps are 4, 2 and 0 in the first row, and 1, 1 and 1 in the second, times 1/128.
    let matrix = Matrix<Double>(rows: 2, columns: 3, elements: [4, -3, 0, 1, 1.9, -1])
    let expected = ((16.0 + 4) / 12).squareRoot() + ((16.0 + 1) / 12).squareRoot()
    expectClose(errors(matrix).normBound, expected / 128, within: rounding)
    // A zero that may be a small number counts with the smallest ulp.
    let one = Matrix<Double>(rows: 1, columns: 1, elements: [0])
    #expect(errors(one).normBound == 0)
    expectClose(
      errors(one, countsZeros: true).normBound, 2 * 0x1p-133 / 12.0.squareRoot(), within: rounding)
  }

  @Test func `the variances of two matrices add`() {
    let large = Matrix<Double>(repeating: 8, rows: 3, columns: 3)
    let small = Matrix<Double>(repeating: 6, rows: 3, columns: 3)
    let none = Matrix<Double>(repeating: 0, rows: 3, columns: 3)
    var sum = errors(large)
    sum.add(errors(small))
    expectClose(
      sum.normBound, ((64.0 + 16) / 12).squareRoot() / 128 * 2 * 3.0.squareRoot(),
      within: rounding)
    var other = errors(small)
    other.add(errors(large))
    #expect(other == sum)
    var same = errors(none)
    same.add(errors(large))
    #expect(same == errors(large))
    same.add(errors(none))
    #expect(same == errors(large))
  }

  @Test(arguments: [1e-280, 1e-160, 1e160, 1e308])
  func `squares neither overflow nor underflow`(size: Double) {
    let matrix = Matrix<Double>(repeating: size, rows: 4, columns: 4)
    let found = RoundingErrors(
      of: matrix, epsilon: .ulpOfOne, smallestExponent: -1022, countsZeros: false)
    expectClose(found.normBound, size.ulp / 12.0.squareRoot() * 4, within: rounding)
  }
}
