// Rows of a series with chosen singular values.

import Foundation
import ZerOSeries
import ZerOSpectra

/// A row as `ranks.jsonl` contains it.
func seriesRow(
  _ step: Int, _ matrix: String, _ values: [Double], isStart: Bool = false,
  tolerance: Double = 1e-4, noise: Double = 1e-7, startNorm: Double? = 2, similarity: Double? = nil
) throws -> SeriesRow {
  var fields: [String: Any] = [
    "step": step, "checkpoint": "step\(step).pt", "matrix": matrix, "rows": values.count,
    "columns": 2 * values.count, "type": "F32", "tolerance": tolerance, "storage_noise": noise,
    "singular_values": values,
    "identity": ["checkpoint": isStart ? "start" : "c\(step)", "start": "start"],
  ]
  let spectrum = Spectrum(values)
  for quantity in SpectralQuantity.catalog {
    fields[quantity.key] = quantity.value(of: spectrum, tolerance: tolerance)
  }
  fields["start_norm"] = startNorm
  fields["similarity_to_previous"] = similarity
  return try JSONDecoder().decode(
    SeriesRow.self, from: JSONSerialization.data(withJSONObject: fields))
}

/// A row of a matrix without a rank.
func failedRow(_ step: Int, _ matrix: String) throws -> SeriesRow {
  let fields: [String: Any] = [
    "step": step, "checkpoint": "step\(step).pt", "matrix": matrix, "rows": 2, "columns": 4,
    "type": "F32", "defect": "1 NaN and 0 infinite values of 8; no rank",
    "identity": ["checkpoint": "c\(step)"],
  ]
  return try JSONDecoder().decode(
    SeriesRow.self, from: JSONSerialization.data(withJSONObject: fields))
}
