// The ranks of a checkpoint for programs.

import Checkpoints
import Foundation
public import Inspection
import Spectra

extension CheckpointInspection {
  /// One JSON object: the question, under `notes` how the file was read, and under `tensors` an object for each tensor or
  /// matrix of a stack, singular values among them.
  ///
  /// A number that is not finite, such as the condition number of a matrix without full rank, is null.
  ///
  /// - Returns: UTF-8 text, keys sorted, in one line.
  /// - Throws: `EncodingError`, for nothing that a checkpoint can hold.
  public func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    let document = Document(
      path: path, difference: settings.baseline.description, rule: settings.rule.description,
      notes: notes,
      tensors: tensors.map(Document.Tensor.init))
    return String(decoding: try encoder.encode(document), as: UTF8.self) + "\n"
  }

  private struct Document: Encodable {
    struct Tensor: Encodable {
      let name: String
      let shape: [Int]
      let type: String
      let outcome: String
      let reason: String?
      let matrix: Matrix?

      init(_ tensor: TensorInspection) {
        name = tensor.name
        shape = tensor.shape
        type = tensor.type
        matrix = tensor.findings.map(Matrix.init)
        switch tensor.outcome {
        case .matrix: (outcome, reason) = ("matrix", nil)
        case .leftOut(let why): (outcome, reason) = ("left_out", why)
        case .failed(let why): (outcome, reason) = ("failed", why)
        }
      }
    }

    struct Matrix: Encodable {
      let rows: Int
      let columns: Int
      let rank: Int
      let tolerance: Double?
      let smallestAbove: Double?
      let largestBelow: Double?
      let rankRatio: Double
      let stableRank: Double
      let effectiveRank: Double
      let effectiveRankOfSquares: Double
      let condition: Double?
      let zeroFraction: Double
      let storageNoise: Double?
      let countBelowNoise: Int
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

    let path: String
    let difference: String
    let rule: String
    let notes: [String]
    let tensors: [Tensor]
  }
}
