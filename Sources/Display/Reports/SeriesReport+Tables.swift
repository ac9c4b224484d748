// The tables of a series: one row per matrix for readers, one per matrix and checkpoint for programs.

import Foundation
public import ZerOMessages
import ZerOSeries

extension SeriesReport {
  /// One row per matrix for a screen: the quantities at first, middle and last step, and the distance from the start.
  ///
  /// A difference of exactly 0, as at the start of `W − W₀`, has no value; the first step is then the next one.
  public var table: TextTable {
    let columns = quantities.map(changes)
    return TextTable(
      headings: ["matrix", "shape"] + quantities.map(\.heading)
        + (hasDistances ? [SeriesQuantity.distance.heading] : []),
      rows: history.matrices.enumerated().map { index, matrix in
        [matrix.name, shape(matrix)] + columns.map { $0[index] }
          + (hasDistances ? [text(distance(matrix), digits: 3)] : [])
      })
  }

  /// One text per matrix: the values of a quantity at the landmarks, with arrows below each other.
  private func changes(_ quantity: SeriesQuantity) -> [String] {
    let texts = history.matrices.map { matrix in
      history.landmarks.map { step in
        text(matrix.row(at: step).flatMap { history.value(quantity, $0) }, digits: 3)
      }
    }
    let widths = history.landmarks.indices.map { place in
      texts.map { $0[place].count }.max() ?? 0
    }
    guard !widths.isEmpty else { return texts.map { _ in text(nil, digits: 3) } }
    return texts.map { row in
      zip(row, widths).map { String(repeating: " ", count: $1 - $0.count) + $0 }
        .joined(separator: " → ")
    }
  }

  /// The steps of the table in words, and the column `moved`: `steps 1 → 64 → 256; moved: ‖Wₜ − W₀‖/‖W₀‖ at the last step`.
  public var tableCaption: String {
    guard !history.landmarks.isEmpty else { return "no values yet" }
    let unit = about.unit.rawValue
    let distance = SeriesQuantity.distance
    let isChosen = quantities.contains { $0.key == distance.key }
    return unit + (history.landmarks.count > 1 ? "s " : " ")
      + history.landmarks.map(String.init).joined(separator: " → ")
      + (isChosen || hasDistances ? "; \(distance.heading): \(distanceFormula)" : "")
      + (hasDistances ? " at the last \(unit)" : "")
  }

  /// Columns to omit on a narrow screen, the least important first.
  public var columnsToDrop: [String] {
    ["shape"] + quantities.dropFirst().reversed().map(\.heading)
      + [SeriesQuantity.distance.heading]
  }

  /// One row per matrix with a column for each quantity and step, for the page.
  var wideTable: TextTable {
    let steps = history.landmarks
    let columns = quantities.flatMap { quantity in steps.map { (quantity, $0) } }
    return TextTable(
      headings: ["matrix", "shape", "type"]
        + columns.map { "\($0.heading), \(about.unit.rawValue) \($1)" }
        + (hasDistances ? [SeriesQuantity.distance.heading] : []),
      rows: history.matrices.map { matrix in
        [matrix.name, shape(matrix), matrix.rows.last?.type ?? ""]
          + columns.map { quantity, step in
            text(matrix.row(at: step).flatMap { history.value(quantity, $0) }, digits: 4)
          } + (hasDistances ? [text(distance(matrix), digits: 4)] : [])
      })
  }

  /// One row per checkpoint and matrix with all numbers in full precision, for CSV.
  public var fullTable: TextTable {
    TextTable(
      headings: SeriesFields.csv.map(\.name),
      rows: sortedRows.map { row in
        let head = [
          String(row.step), row.checkpoint, row.matrix, String(row.rows), String(row.columns),
          row.type,
        ]
        let limits = [row.results?.tolerance, row.results?.storageNoise].map {
          $0.map { "\($0)" } ?? ""
        }
        let numbers = SeriesQuantity.catalog.map { quantity in
          quantity.value(row).map { quantity.isCount ? String(Int($0)) : "\($0)" } ?? ""
        }
        return head + limits + numbers + [row.defect ?? ""]
      })
  }

  private func shape(_ matrix: SeriesHistory.Matrix) -> String {
    matrix.rows.last.map { "\($0.rows)x\($0.columns)" } ?? ""
  }

  /// The relative distance from the start at the last step.
  private func distance(_ matrix: SeriesHistory.Matrix) -> Double? {
    matrix.rows.last.flatMap(SeriesQuantity.distance.value)
  }

  /// Whether the tables have a last column for the distance: it is known, and not among the quantities.
  private var hasDistances: Bool {
    !quantities.contains { $0.key == SeriesQuantity.distance.key }
      && history.matrices.contains { distance($0) != nil }
  }

  private func text(_ value: Double?, digits: Int) -> String {
    value.map { String(format: "%.\(digits)g", $0) } ?? "–"
  }
}
