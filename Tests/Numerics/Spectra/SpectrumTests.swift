import Foundation
import TestSupport
import Testing
import ZerOSpectra

@Suite struct SpectrumTests {
  private let rounding = Tolerance(relative: 1e-14, because: "a few roundings in double precision")

  @Test func `the ranks of equal values are their number, whatever their size`() {
    for size in [1e-200, 1, 1e200] {
      let spectrum = Spectrum([size, size, size])
      expectClose(spectrum.stableRank, 3, within: rounding)
      expectClose(spectrum.effectiveRank, 3, within: rounding)
    }
  }

  @Test func `the ranks of unequal values follow their formulas`() {
    let spectrum = Spectrum([4, 2, 2])
    expectClose(spectrum.stableRank, (16 + 4 + 4) / 16, within: rounding)
    // p = ½, ¼, ¼: exp(½·ln 2 + 2·¼·ln 4) = 2^1.5. With p from squares it would be another number.
    expectClose(spectrum.effectiveRank, pow(2, 1.5), within: rounding)
    #expect(spectrum.rank(above: 2).rank == 1)
  }

  @Test func `a zero matrix has rank 0, and a single direction rank 1`() {
    for spectrum in [Spectrum([]), Spectrum([0, 0])] {
      #expect(spectrum.stableRank == 0 && spectrum.effectiveRank == 0)
    }
    #expect(Spectrum([3, 0]).stableRank == 1 && Spectrum([3, 0]).effectiveRank == 1)
    // Quotients of the smallest positive number underflow.
    let tiny = Spectrum([1, 1, .leastNonzeroMagnitude])
    #expect(abs(tiny.effectiveRank - 2) < 1e-12)
    #expect(abs(Spectrum([1, 1, 3e-162]).effectiveRankOfSquares - 2) < 1e-12)
  }

  @Test func `energy, top values and norms follow their formulas`() {
    let spectrum = Spectrum([4, 2, 2])
    // The squares are 16, 4 and 4; their partial sums are 0.667, 0.833 and 1 of the sum.
    #expect(spectrum.energyRank(0.5) == 1)
    #expect(spectrum.energyRank(0.8) == 2)
    #expect(spectrum.energyRank(0.9) == 3)
    #expect(spectrum.energyRank(1) == 3)
    expectClose(spectrum.topShare(1), 16.0 / 24, within: rounding)
    expectClose(spectrum.topShare(2), 20.0 / 24, within: rounding)
    #expect(spectrum.topShare(0) == 0 && spectrum.topShare(3) == 1 && spectrum.topShare(10) == 1)
    #expect(spectrum.spectralNorm == 4)
    expectClose(spectrum.frobeniusNorm, 24.0.squareRoot(), within: rounding)
  }

  @Test(arguments: [1e-200, 1, 1e200])
  func `equal values need that fraction of them, whatever their size`(size: Double) {
    for count in [10, 20, 100, 1000] {
      let spectrum = Spectrum([Double](repeating: size, count: count))
      #expect(spectrum.energyRank(0.9) == count * 9 / 10)
      expectClose(spectrum.topShare(10), 10 / Double(count), within: rounding)
      expectClose(
        spectrum.frobeniusNorm, size * Double(count).squareRoot(), within: rounding)
    }
  }

  @Test func `a rank counts small values that the energy ignores`() {
    let spectrum = Spectrum([1] + [Double](repeating: 0.01, count: 99))
    #expect(spectrum.rank(above: 1e-4).rank == 100)
    #expect(spectrum.energyRank(0.9) == 1 && spectrum.energyRank(0.99) == 1)
    #expect(spectrum.effectiveRank > 10)
  }
}
