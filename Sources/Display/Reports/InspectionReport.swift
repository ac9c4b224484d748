// The ranks of a checkpoint as a table, as remarks, and as JSON.

import Foundation
import ZerOCheckpoints
public import ZerOInspection
public import ZerOMessages
import ZerOSpectra

extension CheckpointInspection {
  /// The matrices as a table for a screen, with numbers of four digits.
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
            tensor.name, tensor.shapeText, tensor.type, String(findings.rank.rank),
            String(values.count), short(findings.rank.tolerance),
            short(findings.rank.smallestAbove), short(findings.rank.largestBelow),
            short(findings.spectrum.stableRank), short(findings.spectrum.effectiveRank),
            short(values.first), short(values.last), short(findings.spectrum.conditionNumber),
            String(format: "%.1f %%", 100 * findings.zeroFraction),
          ]
        }
      })
  }

  /// The heading of the fraction of zeros, which refers to W, not to the difference.
  private static let zeros = "zeros of W"

  /// Columns to omit on a narrow screen, the least important first.
  public static let columnsToDrop = [
    "type", zeros, "largest", "tol", "next below", "last above", "smallest", "effective",
    "stable", "shape",
  ]

  /// All tensors with all results in full precision, for CSV.
  public var fullTable: TextTable {
    let columns = Self.matrixColumns(settings.rule)
    return TextTable(
      headings: ["tensor", "shape", "type", "outcome"] + columns.map(\.name),
      rows: tensors.map { tensor in
        let head = [tensor.name, tensor.shapeText, tensor.type]
        switch tensor.outcome {
        case .leftOut(let reason): return head + ["left out: \(reason)"] + columns.map { _ in "" }
        case .failed(let reason): return head + ["failed: \(reason)"] + columns.map { _ in "" }
        case .matrix(let findings): return head + ["matrix"] + columns.map { $0.text(findings) }
        }
      })
  }

  /// The columns of the full table that only matrices have; a missing number is empty.
  private static func matrixColumns(_ rule: ToleranceRule)
    -> [(name: String, text: (MatrixFindings) -> String)]
  {
    func text(_ value: Double?) -> String { value.map { "\($0)" } ?? "" }
    let first: [(name: String, text: (MatrixFindings) -> String)] = [
      ("rows", { String($0.rows) }), ("columns", { String($0.columns) }),
      ("rank", { String($0.rank.rank) }), ("rule", { _ in rule.description }),
      ("tolerance", { text($0.rank.tolerance) }),
      ("smallest_above", { text($0.rank.smallestAbove) }),
      ("largest_below", { text($0.rank.largestBelow) }), ("rank_ratio", { text($0.ratio) }),
      ("stable_rank", { text($0.spectrum.stableRank) }),
      ("effective_rank", { text($0.spectrum.effectiveRank) }),
      ("effective_rank_of_squares", { text($0.spectrum.effectiveRankOfSquares) }),
      ("largest", { text($0.spectrum.values.first) }),
      ("smallest", { text($0.spectrum.values.last) }),
      ("condition", { text($0.spectrum.conditionNumber) }),
      ("zero_fraction", { text($0.zeroFraction) }), ("storage_noise", { text($0.storageNoise) }),
      ("count_below_noise", { String($0.countBelowNoise) }),
    ]
    return first
      + InspectionFields.laterQuantities.map { quantity in
        let write = { (findings: MatrixFindings) in
          let value = findings.value(of: quantity)
          return quantity.isCount ? String(Int(value)) : text(value)
        }
        return (name: quantity.key, text: write)
      }
  }

  /// Remarks for users of spreadsheets: names are written unchanged.
  public var remarksForSpreadsheets: [String] {
    let formulas = tensors.map(\.name).filter { $0.first.map("=+-@\t\r".contains) ?? false }
    guard !formulas.isEmpty else { return [] }
    return [
      "\(firstOf(formulas)): a spreadsheet may interpret a name that begins with =, +, - or @ as a formula; import the "
        + "column as text"
    ]
  }
}

extension MatrixFindings {
  /// The rank with its tolerance: `5 of 48 (0.1042) at tolerance 1.2e-05`.
  public var rankInWords: String {
    "\(rank.rank) of \(spectrum.values.count) (\(short(ratio))) at tolerance \(short(rank.tolerance))"
  }
}

extension TensorInspection {
  /// The dimensions, such as `64x32x3x3`.
  var shapeText: String { ZerOReports.shapeText(shape) }
}

/// Dimensions such as `64x32x3x3`; `1` for a scalar.
func shapeText(_ shape: [Int]) -> String {
  shape.isEmpty ? "1" : shape.map(String.init).joined(separator: "x")
}

/// A number with four digits; a hyphen for `nil`.
func short(_ value: Double?) -> String {
  guard let value else { return "-" }
  return value.isFinite ? String(format: "%.4g", value) : "\(value)"
}

extension CheckpointInspection {
  /// The inspection in one line: difference, tolerance, and assumptions about types and layouts.
  public var question: String {
    let narrow = matrices.filter { tensor in
      tensor.format.map { $0.epsilon > FloatFormat.float32.epsilon } ?? false
    }.map(\.type)
    let turned = turnedMatrices.count
    var parts = [settings.difference, settings.rule.description]
    if settings.rule == .numPy, !narrow.isEmpty {
      parts.append("for \(Set(narrow).sorted().joined(separator: ", ")) with ε of F32")
    }
    if turned > 0 { parts.append("\(turned) of them read as in x out, by their names") }
    return parts.joined(separator: ", ")
  }

  /// Remarks besides the table: failures, tensors that were left out, and results that deserve
  /// attention.
  public var remarks: [String] {
    failureRemarks + otherRemarks
  }

  /// The defects of tensors whose rank could not be computed, one line each.
  var failureRemarks: [String] {
    failures.compactMap { failure in
      if case .failed(let reason) = failure.outcome { "\(failure.name): \(reason)" } else { nil }
    }
  }

  /// Tensors that were left out, and results that deserve attention.
  var otherRemarks: [String] {
    var remarks = notes
    if isSymmetryReduced {
      remarks.append(
        "one unit represents a class of identical units, since the run uses symmetry reduction; the whole network is "
          + "model.safetensors of the finished run, with --save-model")
    }
    let deficient = deficient(below: 1).map { tensor in
      tensor.findings.map { "\(tensor.name) (\($0.rank.rank) of \($0.spectrum.values.count))" }
        ?? tensor.name
    }
    if !deficient.isEmpty {
      remarks.append("below full rank at the tolerance: " + firstOf(deficient))
    }
    for tensor in tensors {
      guard let findings = tensor.findings else { continue }
      let lost = findings.valuesRejectedForLength
      if !lost.isEmpty {
        remarks.append(
          "\(tensor.name): NumPy's tolerance grows with max(m, n) = \(max(findings.rows, findings.columns)) and rejects "
            + "\(lost.count) of \(findings.spectrum.values.count) singular values, from \(short(lost.last)) on, far above "
            + "rounding errors (\(short(findings.storageNoise))); --tol or --rtol sets another tolerance"
        )
      }
      guard findings.countBelowNoise > 0 else { continue }
      remarks.append(
        "\(tensor.name): \(findings.countBelowNoise) of the \(findings.rank.rank) singular values above the tolerance are "
          + "below \(short(findings.storageNoise)), which rounding to \(tensor.type) alone may cause"
      )
    }
    let kernels = kernelsOfUnknownLayout
    if !kernels.isEmpty {
      remarks.append(
        "outputs are probably the last dimension of \(firstOf(kernels)), as in kernels of Flax and Keras; "
          + "give --layout jax, or --layout torch if they are first")
    }
    let others = leftOut
    for reason in Set(others.map(\.reason)).sorted() {
      let names = others.filter { $0.reason == reason }.map(\.name)
      remarks.append("left out, \(reason): " + firstOf(names))
    }
    return remarks
  }

  /// Tensors with Flax's names that were read in PyTorch's layout, which neither metadata nor an
  /// option states.
  private var kernelsOfUnknownLayout: [String] {
    guard settings.layouts.source == .assumed else { return [] }
    return tensors.filter { tensor in
      TensorName(tensor.tensorName).isKernel && dependsOnLayout(tensor)
        && settings.layouts.exceptions[tensor.tensorName] == nil
    }.map(\.name)
  }

  private var leftOut: [(name: String, reason: String)] {
    tensors.compactMap { tensor in
      if case .leftOut(let reason) = tensor.outcome { (tensor.name, reason) } else { nil }
    }
  }
}

extension CheckpointInspection {
  /// One JSON object: settings, `notes` on how the file was read, and one object per tensor or
  /// stacked matrix under `tensors`, with all singular values.
  ///
  /// Numbers that are not finite are absent, such as the condition number of a singular matrix.
  ///
  /// - Returns: UTF-8 text in one line, keys sorted.
  /// - Throws: `EncodingError`; not for the contents of a checkpoint.
  public func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    let document = Document(
      path: path, difference: settings.difference, rule: settings.rule.description,
      notes: notes,
      tensors: tensors.map(Document.Tensor.init))
    return String(decoding: try encoder.encode(document), as: UTF8.self) + "\n"
  }

  private struct Document: Encodable {
    struct Tensor: Encodable {
      /// The tensor's name; for a matrix of a stack with its index.
      let name: String

      /// The dimensions in the order of the file.
      let shape: [Int]

      /// The type of the values, as the file names it.
      let type: String

      /// `matrix` if the rank was computed, otherwise `left_out` or `failed`.
      let outcome: String

      /// Why the tensor was left out, or why its rank could not be computed.
      let reason: String?

      /// The results, if the rank was computed.
      let matrix: Findings?

      init(_ tensor: TensorInspection) {
        name = tensor.name
        shape = tensor.shape
        type = tensor.type
        matrix = tensor.findings.map(Findings.init)
        switch tensor.outcome {
        case .matrix: (outcome, reason) = ("matrix", nil)
        case .leftOut(let why): (outcome, reason) = ("left_out", why)
        case .failed(let why): (outcome, reason) = ("failed", why)
        }
      }
    }

    /// The results for a matrix, and the quantities of the catalog that are not among them.
    struct Findings: Encodable {
      private let matrix: Matrix
      private let quantities: [(key: String, value: Double)]

      init(_ findings: MatrixFindings) {
        matrix = Matrix(findings)
        quantities = InspectionFields.laterQuantities.map { ($0.key, findings.value(of: $0)) }
      }

      private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
      }

      func encode(to encoder: any Encoder) throws {
        try matrix.encode(to: encoder)
        var container = encoder.container(keyedBy: Key.self)
        for (key, value) in quantities where value.isFinite {
          try container.encode(value, forKey: Key(stringValue: key))
        }
      }
    }

    struct Matrix: Encodable {
      /// The number of rows, m.
      let rows: Int

      /// The number of columns, n.
      let columns: Int

      /// The number of singular values above the tolerance.
      let rank: Int

      /// The tolerance.
      let tolerance: Double?

      /// The smallest singular value above the tolerance.
      let smallestAbove: Double?

      /// The largest singular value not above the tolerance.
      let largestBelow: Double?

      /// rank / min(m, n).
      let rankRatio: Double

      /// Σσ²/σ₁².
      let stableRank: Double

      /// exp(−Σ p·ln p) with p = σ/Σσ.
      let effectiveRank: Double

      /// exp(−Σ p·ln p) with p = σ²/Σσ².
      let effectiveRankOfSquares: Double

      /// The largest singular value divided by the smallest.
      let condition: Double?

      /// The fraction of exact zeros among the stored values of W.
      let zeroFraction: Double

      /// A bound on the error of singular values that rounding to the tensor's type causes.
      let storageNoise: Double?

      /// The number of singular values above the tolerance and below `storage_noise`.
      let countBelowNoise: Int

      /// All singular values, in descending order.
      let singularValues: [Double]

      init(_ findings: MatrixFindings) {
        (rows, columns, rank) = (findings.rows, findings.columns, findings.rank.rank)
        tolerance = Self.finite(findings.rank.tolerance)
        smallestAbove = findings.rank.smallestAbove
        largestBelow = findings.rank.largestBelow
        rankRatio = findings.ratio
        stableRank = findings.spectrum.stableRank
        effectiveRank = findings.spectrum.effectiveRank
        effectiveRankOfSquares = findings.spectrum.effectiveRankOfSquares
        condition = findings.spectrum.conditionNumber.flatMap(Self.finite)
        zeroFraction = findings.zeroFraction
        storageNoise = Self.finite(findings.storageNoise)
        countBelowNoise = findings.countBelowNoise
        singularValues = findings.spectrum.values
      }

      private static func finite(_ value: Double) -> Double? { value.isFinite ? value : nil }
    }

    /// The checkpoint's file.
    let path: String

    /// The ranked difference, for example `W - ZerO`.
    let difference: String

    /// The tolerance rule.
    let rule: String

    /// Remarks on how the file was read.
    let notes: [String]

    /// One entry per tensor or matrix of a stack, in the order of the file.
    let tensors: [Tensor]
  }
}
