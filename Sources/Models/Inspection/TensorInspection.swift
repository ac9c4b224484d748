// The inspection of one tensor.

public import Checkpoints
import Foundation
import LinearAlgebra
import Parallelism
import Spectra

/// A tensor and its findings.
public struct TensorInspection: Sendable {
  /// The outcome of the inspection.
  public enum Outcome: Sendable {
    /// The tensor is a matrix, and its rank was computed.
    case matrix(MatrixFindings)

    /// The tensor has no rank, for this reason.
    case leftOut(reason: String)

    /// The rank could not be computed, because of this defect.
    case failed(reason: String)
  }

  /// The tensor's name; for a matrix of a stack with its index, `experts.w1[3]`.
  public let name: String

  /// The name of the whole tensor, without the index of a matrix.
  public let tensorName: String

  /// The dimensions.
  public let shape: [Int]

  /// The type of the values, as the file names it.
  public let type: String

  /// The type as a floating-point format; `nil` if it is not one that can be read.
  public let format: FloatFormat?

  /// The outcome.
  public let outcome: Outcome

  /// The findings, if the rank was computed.
  public var findings: MatrixFindings? {
    if case .matrix(let findings) = outcome { findings } else { nil }
  }

  /// How the tensor was interpreted as a matrix; `nil` if it was left out.
  let reading: MatrixReading?

  init(_ tensor: StoredTensor, _ outcome: Outcome, _ reading: MatrixReading? = nil) {
    name = tensor.name
    tensorName = tensor.origin?.name ?? tensor.name
    self.reading = reading
    shape = tensor.shape
    type = tensor.type
    format = tensor.format
    self.outcome = outcome
  }

  /// Reads a tensor and computes its rank.
  ///
  /// - Parameters:
  ///   - tensor: The tensor in its file.
  ///   - decision: How it is interpreted as a matrix, or why it is left out.
  ///   - settings: The tolerance rule and the baseline.
  ///   - made: The initial weight that the record of `init` describes.
  ///   - stack: The stack in memory that contains it, or the error of reading the stack.
  ///   - team: Threads that share the work.
  init(
    _ tensor: StoredTensor, _ decision: MatrixReading.Decision, _ settings: InspectionSettings,
    made: InitialWeight?, stack: Result<StackInMemory, any Error>? = nil, team: ThreadTeam
  ) {
    switch decision {
    case .leftOut(let reason): self.init(tensor, .leftOut(reason: reason))
    case .matrix(let reading):
      do {
        let outcome = try Self.inspect(
          tensor, reading, settings, made: made, stack: try stack?.get(), team: team)
        self.init(tensor, outcome, reading)
      } catch {
        self.init(tensor, .failed(reason: "\(error)"), reading)
      }
    }
  }

  private static func inspect(
    _ tensor: StoredTensor, _ reading: MatrixReading, _ settings: InspectionSettings,
    made: InitialWeight?, stack: StackInMemory?, team: ThreadTeam
  ) throws -> Outcome {
    // W, the baseline (or the copy that LAPACK overwrites), and the Gram matrix.
    let (rows, columns) = (Double(reading.rows), Double(reading.columns))
    try Memory.check(
      8 * (2 * rows * columns + pow(min(rows, columns), 2)), for: "in double precision it")
    let format = tensor.format ?? .float64
    var weight = try (stack?.matrix(tensor) ?? tensor).matrix(
      rows: reading.rows, columns: reading.columns, as: Double.self, team: team)
    let statistics = weight.statistics(smallestExponent: format.smallestExponent, team)
    let special = statistics.notNumbers + statistics.infinities
    guard special == 0 else {
      return .failed(
        reason: "\(statistics.notNumbers) NaN and \(statistics.infinities) infinite values of "
          + "\(tensor.count); no rank")
    }
    let baselineSteps = try settings.baseline.subtract(
      from: &weight, of: tensor, reading, in: stack, made: made, team: team)
    let values: [Double]
    do {
      values = try weight.singularValues(within: settings.relativeError, team: team)
    } catch FactorizationError.notFinite {
      // Both operands are finite, so their difference has overflowed.
      throw FactorizationError.overflow
    }
    return .matrix(
      MatrixFindings(
        rows: reading.rows, columns: reading.columns, spectrum: Spectrum(values),
        rule: settings.rule, format: format, statistics: statistics, baselineSteps: baselineSteps))
  }
}
