// The ranks of a checkpoint as a table: for a screen, and in full.

import Checkpoints
import Foundation
public import Inspection
public import Messages
import Spectra

extension CheckpointInspection {
  /// The matrices as a table for a screen, numbers to four digits.
  public var table: TextTable {
    TextTable(
      headings: [
        "matrix", "shape", "type", "rank", "of", "tol", "last above", "next below", "stable",
        "effective", "largest", "smallest", "condition", Self.zeros,
      ],
      rows: tensors.compactMap { tensor in
        tensor.findings.map { findings in
          let values = findings.spectrum.values
          return [
            tensor.name, tensor.extents, tensor.type, String(findings.rank.rank),
            String(values.count), short(findings.rank.tolerance),
            short(findings.rank.smallestAbove), short(findings.rank.largestBelow),
            short(findings.spectrum.stableRank), short(findings.spectrum.effectiveRank),
            short(values.first), short(values.last), short(findings.spectrum.conditionNumber),
            String(format: "%.1f %%", 100 * findings.zeroFraction),
          ]
        }
      })
  }

  /// The heading over the share of zeros, which is not the difference's.
  private static let zeros = "zeros of W"

  /// Columns that a narrow screen can do without, the least important first.
  public static let columnsToDrop = [
    "type", zeros, "largest", "tol", "next below", "last above", "smallest", "effective",
    "stable", "shape",
  ]

  /// Everything about every tensor, numbers in full, for programs that read comma-separated values.
  public var fullTable: TextTable {
    TextTable(
      headings: [
        "tensor", "shape", "type", "outcome", "rows", "columns", "rank", "rule", "tolerance",
        "smallest_above", "largest_below", "rank_ratio", "stable_rank", "effective_rank",
        "effective_rank_of_squares", "largest", "smallest", "condition", "zero_fraction",
        "storage_noise", "count_below_noise",
      ],
      rows: tensors.map { tensor in
        let head = [tensor.name, tensor.extents, tensor.type]
        switch tensor.outcome {
        case .leftOut(let reason): return head + ["left out: \(reason)"] + Self.nothing
        case .failed(let reason): return head + ["failed: \(reason)"] + Self.nothing
        case .matrix(let findings):
          let numbers: [Double?] = [
            findings.rank.tolerance, findings.rank.smallestAbove, findings.rank.largestBelow,
            findings.ratio, findings.spectrum.stableRank, findings.spectrum.effectiveRank,
            findings.spectrum.effectiveRankOfSquares, findings.spectrum.values.first,
            findings.spectrum.values.last, findings.spectrum.conditionNumber, findings.zeroFraction,
            findings.storageNoise,
          ]
          return head + [
            "matrix", String(findings.rows), String(findings.columns), String(findings.rank.rank),
            settings.rule.description,
          ] + numbers.map { $0.map { "\($0)" } ?? "" } + [String(findings.countBelowNoise)]
        }
      })
  }

  /// What who opens the comma-separated values with a spreadsheet should know: names are written as they are.
  public var remarksForSpreadsheets: [String] {
    let formulas = tensors.map(\.name).filter { $0.first.map("=+-@\t\r".contains) ?? false }
    guard !formulas.isEmpty else { return [] }
    return [
      "\(firstOf(formulas)): a spreadsheet may take a name that begins with =, +, - or @ for a formula; import the "
        + "column as text"
    ]
  }

  private static let nothing = [String](repeating: "", count: 17)
}

extension MatrixFindings {
  /// The rank as one says it: `5 of 48 (0.1042)`.
  public var rankInWords: String {
    "\(rank.rank) of \(spectrum.values.count) (\(short(ratio)))"
  }
}

extension TensorInspection {
  /// The dimensions as they are typed.
  var extents: String { extentsText(shape) }
}

/// Dimensions as they are typed, those of a single number as 1.
func extentsText(_ shape: [Int]) -> String {
  shape.isEmpty ? "1" : shape.map(String.init).joined(separator: "x")
}

/// A number to four digits; a hyphen for none.
func short(_ value: Double?) -> String {
  guard let value else { return "-" }
  return value.isFinite ? String(format: "%.4g", value) : "\(value)"
}
