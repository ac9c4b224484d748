import TestSupport
import Testing
import ZerOLinearAlgebra
import ZerOSpectra

@Suite struct BroadcastRankTests {
  @Test(arguments: [
    [0.01, 0.02, 0.03], [0.3], [1.0], [0.2, 0.8], [0.25, 0.25, 0.25, 0.25], [-4, 1, 0, 2, 0.5],
    [0, 0, 0], Array(repeating: 0.01, count: 100),
  ])
  func `the closed form agrees with the decomposition of the broadcast matrix`(bias: [Double])
    throws
  {
    let n = bias.count
    let broadcast = Matrix<Double>(rows: n, columns: n) { bias[$1] - ($0 == $1 ? 1 : 0) }
    // If the biases sum to 1, the smallest value is 0; as a square root it has half the digits.
    let halfTheDigits = Tolerance(
      relative: 1e-12, absolute: 3e-8, because: "the square root of ε near a double root")
    expectClose(
      singularValuesOfBroadcastMinusIdentity(bias).sorted(),
      try broadcast.singularValues().sorted(), within: halfTheDigits)
  }

  @Test func `the rank is n − 1 if the biases sum to one`() {
    let values = singularValuesOfBroadcastMinusIdentity([0.25, 0.25, 0.25, 0.25])
    #expect(NumericalRank(singularValues: values, tolerance: 1e-4).rank == 3)
  }

  @Test func `an empty vector has no singular values`() {
    #expect(singularValuesOfBroadcastMinusIdentity([]).isEmpty)
  }
}
