// How quantities appear in tables and figures.

import Series
import Spectra

extension SeriesQuantity {
  /// The name as the heading of a narrow column.
  var heading: String {
    switch key {
    case "energy_rank_90": "energy rank 90 %"
    case "energy_rank_99": "energy rank 99 %"
    case "top_share": "top share"
    case Self.distance.key: "moved"
    case "similarity_to_previous": "similarity"
    case "overlap_with_start": "overlap"
    default: title
    }
  }

  /// Whether the values are integers.
  var isCount: Bool { SpectralQuantity.named(key)?.isCount ?? false }

  /// Whether it is a quantity of the singular values of the difference; the others compare weights.
  var isOfSpectrum: Bool { SpectralQuantity.named(key) != nil }

  /// Whether a tolerance belongs to each value.
  var dependsOnTolerance: Bool { key == "rank" }
}
