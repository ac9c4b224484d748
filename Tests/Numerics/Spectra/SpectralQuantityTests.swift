import TestSupport
import Testing
import ZerOLinearAlgebra
import ZerOSpectra

@Suite struct SpectralQuantityTests {
  @Test func `the catalog has stable keys and complete entries`() {
    let catalog = SpectralQuantity.catalog
    #expect(
      catalog.map(\.key) == [
        "rank", "effective_rank", "stable_rank", "energy_rank_90", "energy_rank_99", "top_share",
        "spectral_norm", "frobenius_norm",
      ])
    for quantity in catalog {
      #expect(
        !quantity.title.isEmpty && !quantity.title.contains("_") && !quantity.formula.isEmpty)
      #expect(quantity.source.contains("(") && quantity.source.contains(")"), "no year")
      #expect(SpectralQuantity.named(quantity.key)?.key == quantity.key)
    }
    #expect(SpectralQuantity.named("rang") == nil)
  }

  @Test func `every quantity of zeros, and of an empty matrix, is 0`() {
    for spectrum in [Spectrum([]), Spectrum([0, 0, 0])] {
      for quantity in SpectralQuantity.catalog {
        #expect(quantity.value(of: spectrum, tolerance: 0) == 0, "\(quantity.key)")
      }
    }
  }

  @Test func `only the rank depends on the tolerance`() {
    let spectrum = Spectrum([3, 1, 0.1])
    let dependent = SpectralQuantity.catalog.filter {
      $0.value(of: spectrum, tolerance: 0.01) != $0.value(of: spectrum, tolerance: 2)
    }
    #expect(dependent.map(\.key) == ["rank"])
  }

  @Test func `values agree with NumPy`() throws {
    let rounding = Tolerance(relative: 1e-12, because: "rounding in two decompositions")
    let golden: SpectralQuantitiesGolden = try golden("spectral_quantities")
    #expect(golden.spectra.count == 4)
    for expected in golden.spectra {
      let matrix = Matrix<Double>(rows: expected.rows, columns: expected.columns) {
        SpectralQuantitiesGolden.element($0, $1, seed: 1)
      }
      let spectrum = Spectrum(try matrix.singularValues())
      expectClose(
        SpectralQuantity.catalog.map { $0.value(of: spectrum, tolerance: expected.tolerance) },
        [
          expected.rank, expected.effectiveRank, expected.stableRank, expected.energyRank90,
          expected.energyRank99, expected.topShare, expected.spectralNorm, expected.frobeniusNorm,
        ], within: rounding, "\(expected.rows) × \(expected.columns)")
    }
  }
}
