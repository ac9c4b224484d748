import TestSupport
import Testing

@testable import LinearAlgebra

@Suite struct SingularValuesTests {
  private let backwardError = Tolerance(
    relative: 1e-13, absolute: 1e-13, because: "a few hundred ε of the largest singular value")

  @Test func `a diagonal matrix has its entries, sorted`() throws {
    let matrix = Matrix<Double>(rows: 3, columns: 3) { i, j in i == j ? [2, -5, 0.25][i] : 0 }
    expectClose(try matrix.singularValues(), [5, 2, 0.25], within: backwardError)
  }

  @Test func `a rectangular matrix and its transpose agree`() throws {
    let matrix = Matrix<Double>(rows: 4, columns: 9) { i, j in Double((3 * i + j * j) % 7) - 3 }
    let values = try matrix.singularValues()
    #expect(values.count == 4)
    expectClose(try matrix.transposed.singularValues(), values, within: backwardError)
    // Σσ² is the Frobenius norm squared, whatever the decomposition does.
    expectClose(
      values.reduce(0) { $0 + $1 * $1 }, matrix.elements.reduce(0) { $0 + $1 * $1 },
      within: backwardError)
  }

  @Test func `copies and zeros may be left out first`() throws {
    // Rows 0, 2 and 4 are equal, so are 1 and 3; columns 0 and 5 too; row 5 is zero.
    let matrix = Matrix<Double>(rows: 6, columns: 6) { i, j in
      i == 5 ? 0 : Double((i % 2 + 2) * (j % 5) * (j % 5)) - Double(i % 2) * 3
    }
    let values = try matrix.singularValuesOfDistinctPart()
    expectClose(values, try matrix.singularValues(), within: backwardError)
    #expect(values.suffix(4).allSatisfy { $0 == 0 }, "what copies add is exactly zero")
    let zero = Matrix<Double>(repeating: 0, rows: 3, columns: 2)
    #expect(try zero.singularValuesOfDistinctPart() == [0, 0])
    #expect(throws: FactorizationError.notFinite) {
      try Matrix<Double>(repeating: .nan, rows: 2, columns: 2).singularValuesOfDistinctPart()
    }
  }

  @Test func `an empty matrix has none`() throws {
    #expect(try Matrix<Double>(repeating: 0, rows: 0, columns: 4).singularValues().isEmpty)
  }

  @Test func `a largest value beyond double precision is an error of its own`() {
    let equal = Matrix<Double>(repeating: 1.7e308, rows: 20, columns: 20)
    let other = Matrix<Double>(rows: 20, columns: 20) { i, j in (i * i + j) % 3 < 2 ? 1.7e308 : 0 }
    for matrix in [equal, other] {
      #expect(throws: FactorizationError.overflow) { try matrix.singularValues() }
      #expect(throws: FactorizationError.overflow) { try matrix.singularValues(within: 1e-4) }
      #expect(throws: FactorizationError.overflow) { try matrix.singularValuesOfDistinctPart() }
    }
  }

  @Test func `more rows than LAPACK counts are an error, not a trap`() {
    // Without elements the matrix takes no memory.
    let long = Matrix<Double>(repeating: 0, rows: 1 << 31, columns: 0)
    #expect(throws: FactorizationError.tooLong(1 << 31)) { try long.checkLength() }
  }

  @Test func `what takes more memory than there is is refused with numbers`() throws {
    #expect(Memory.available > 1 << 28)
    try Memory.check(Double(Memory.available), for: "it")
    #expect {
      try Memory.check(1e18, for: "the matrix")
    } throws: {
      "\($0)".hasPrefix("the matrix takes about 1000000000.0 GB of memory, more than the ")
    }
  }

  @Test(arguments: [Double.nan, .infinity])
  func `elements that are no numbers are refused`(element: Double) {
    let matrix = Matrix<Double>(repeating: element, rows: 2, columns: 2)
    #expect(throws: FactorizationError.notFinite) { try matrix.singularValues() }
  }
}
