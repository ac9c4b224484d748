// How quantities appear in tables and figures.

import ZerOSeries
import ZerOSpectra

extension SeriesQuantity {
  /// The name as the heading of a narrow column.
  var heading: String {
    switch key {
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

  /// Whether it is 0 for a difference of zeros; the fraction of the energy, for example, is not defined then.
  var vanishesAtStart: Bool { isOfSpectrum && key != "top_share" || key == Self.distance.key }

  /// Whether a tolerance belongs to each value.
  var dependsOnTolerance: Bool { key == "rank" }
}
