import Foundation
import Spectra
import TestSupport
import Testing

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
  }
}
