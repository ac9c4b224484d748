// Conversion of a snapshot to curves, a histogram and an image.

import ZerOFigures
import ZerOMessages
import ZerORecords

extension SnapshotRow {
  /// Returns the values of the layer.
  ///
  /// - Throws: `DrawingError` if its map cannot be drawn.
  func summary() throws(DrawingError) -> [SummaryValue] {
    var values = spectra.sorted { $0.key < $1.key }.flatMap { reference, spectrum in
      // The name sorts after `train`, so ranks and accuracies come first in TensorBoard's list.
      spectrum.curves(
        in: "weight_spectrum/\(reference)/\(tensor)",
        difference: reference == "identity" ? "W − I" : "W − W₀")
        + [
          SummaryValue(
            tag: "weight_spectrum/\(reference)/\(tensor)/log10_singular_values",
            content: .histogram(HistogramBucket.ofLogarithms(spectrum.values)),
            description: "Decimal logarithms of the singular values of "
              + "\(reference == "identity" ? "W − I" : "W − W₀"); "
              + "smaller values than 10^\(Int(HistogramBucket.lowestPower)), including zeros, are counted there."
          )
        ]
    }
    let picture = try HeatMap(
      rows: map.rows, columns: map.columns, values: map.values,
      caption: "\(tensor) after \(counted(updates, "update"))"
    ).png()
    values.append(
      SummaryValue(
        tag: "weights/\(tensor)",
        content: .image(width: picture.width, height: picture.height, png: picture.bytes),
        description: "The weight, \(shape.map { String($0) }.joined(separator: " × ")), in blocks, "
          + "showing the element of largest magnitude of each: \(HeatMap.legend)."))
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
        "The smallest singular value of \(difference) above \(tolerance)."
      ),
      (
        "largest_below_tolerance", largestBelow,
        "The largest singular value of \(difference) not above \(tolerance)."
      ),
      ("stable_rank", stableRank, "Σσ² / σ₁² of \(difference)."),
      ("effective_rank", effectiveRank, "exp(−Σ p·ln p), p = σ/Σσ, of \(difference)."),
    ]
    return values.compactMap { name, value, description in
      value.map { SummaryValue("\(group)/\(name)", $0, description) }
    }
  }
}
