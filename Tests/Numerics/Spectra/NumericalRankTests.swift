import TestSupport
import Testing
import ZerOLinearAlgebra
import ZerOSpectra

@Suite struct NumericalRankTests {
  /// U·diag(values)·Vᵀ, where U and V are reflections: a matrix with known singular values.
  private func matrix(singularValues values: [Double]) -> Matrix<Double> {
    let n = values.count
    func reflection(_ phase: Double) -> Matrix<Double> {
      let v = (0..<n).map { 1 + phase * Double($0 % 3) }
      let norm = v.reduce(0) { $0 + $1 * $1 }
      return Matrix(rows: n, columns: n) { ($0 == $1 ? 1 : 0) - 2 * v[$0] * v[$1] / norm }
    }
    let diagonal = Matrix<Double>(rows: n, columns: n) { $0 == $1 ? values[$0] : 0 }
    return reflection(0.7) * diagonal * reflection(-0.3)
  }

  @Test func `values above the tolerance count, and the margin contains its neighbors`() throws {
    let spectrum: [Double] = [3, 1, 0.5, 2e-4, 9e-5, 1e-9, 0]
    let rank = try NumericalRank(of: matrix(singularValues: spectrum), tolerance: 1e-4)
    #expect(rank.rank == 4)
    let noise = Tolerance(absolute: 1e-13, because: "ε times the largest singular value")
    expectClose(try #require(rank.smallestAbove), 2e-4, within: noise)
    expectClose(try #require(rank.largestBelow), 9e-5, within: noise)
  }

  @Test(arguments: [1e-4, 1e-4 * (1 + 1e-10), 9e-5, 1e-6, 1e-9])
  func `the count without margin equals the rank, also close to the tolerance`(value: Double)
    throws
  {
    let matrix = matrix(singularValues: [3, 1, 0.5, 2e-4, value, 1e-9, 0])
    #expect(
      try NumericalRank.count(of: matrix, tolerance: 1e-4)
        == NumericalRank(of: matrix, tolerance: 1e-4).rank)
  }

  @Test func `the inequality is strict`() {
    let rank = NumericalRank(singularValues: [1e-4, 2e-4], tolerance: 1e-4)
    #expect(rank.rank == 1)
    #expect(rank.largestBelow == 1e-4)
  }

  @Test func `a margin can lack values below or above the tolerance`() {
    #expect(NumericalRank(singularValues: [2, 1], tolerance: 0.5).largestBelow == nil)
    #expect(NumericalRank(singularValues: [0, 0], tolerance: 0.5).smallestAbove == nil)
    #expect(NumericalRank(singularValues: [], tolerance: 0.5).rank == 0)
  }

  @Test func `a known rank is found above noise, and not with a tolerance below the noise`() throws
  {
    let spectrum = (0..<30).map { $0 < 12 ? 1 + Double($0) : 1e-6 }
    let noisy = matrix(singularValues: spectrum)
    #expect(try NumericalRank(of: noisy, tolerance: 1e-4).rank == 12)
    #expect(try NumericalRank(of: noisy, tolerance: 1e-7).rank == 30)
  }
}
