// From a layer in full to curves, a histogram and a picture.

import Figures
import Records

extension SnapshotRow {
  /// The layer's values.
  ///
  /// - Throws: `DrawingError` when its map can't be drawn.
  func summary() throws(DrawingError) -> [SummaryValue] {
    var values = spectra.sorted { $0.key < $1.key }.flatMap { reference, spectrum in
      // After `train`, so that the first metrics in a list of all are ranks and accuracies.
      spectrum.curves(
        in: "weight_spectrum/\(reference)/\(tensor)",
        difference: reference == "identity" ? "W − I" : "W − its start")
        + [
          SummaryValue(
            tag: "weight_spectrum/\(reference)/\(tensor)/log10_singular_values",
            content: .histogram(HistogramBucket.ofLogarithms(spectrum.values)),
            description: "Decimal logarithms of the singular values of "
              + "\(reference == "identity" ? "W − I" : "W − its start"); "
              + "what is below 10^\(Int(HistogramBucket.lowestPower)), zeros among it, is counted there."
          )
        ]
    }
    let picture = try HeatMap(
      rows: map.rows, columns: map.columns, values: map.values,
      caption: "\(tensor) after \(updates) updates"
    ).png()
    values.append(
      SummaryValue(
        tag: "weights/\(tensor)",
        content: .image(width: picture.width, height: picture.height, png: picture.bytes),
        description: "The weight, \(shape.map { String($0) }.joined(separator: " × ")), in blocks, "
          + "each with its element of largest magnitude: \(HeatMap.legend)."))
    return values
  }
}

extension SnapshotRow.Spectrum {
  fileprivate func curves(in group: String, difference: String) -> [SummaryValue] {
    let values: [(String, Double?, String)] = [
      ("rank", Double(rank), "The number of singular values of \(difference) above \(tolerance)."),
      (
        "largest", self.values.first.map { Double($0) },
        "The largest singular value of \(difference)."
      ),
      (
        "smallest_above_tolerance", smallestAbove,
        "The smallest singular value of \(difference) that the rank counts, above \(tolerance)."
      ),
      (
        "largest_below_tolerance", largestBelow,
        "The largest singular value of \(difference) that the rank doesn't count, at most \(tolerance)."
      ),
      ("stable_rank", stableRank, "Σσ² / σ₁² of \(difference)."),
      ("effective_rank", effectiveRank, "exp(−Σ p·ln p), p = σ/Σσ, of \(difference)."),
    ]
    return values.compactMap { name, value, description in
      value.map { SummaryValue("\(group)/\(name)", $0, description) }
    }
  }
}
