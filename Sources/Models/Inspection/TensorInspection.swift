// One matrix of a checkpoint, and its rank.

public import Checkpoints
import Foundation
import LinearAlgebra
import Parallelism
import Spectra

/// A tensor and its findings.
public struct TensorInspection: Sendable {
  /// What became of it.
  public enum Outcome: Sendable {
    /// It is a matrix, and its rank was taken.
    case matrix(MatrixFindings)

    /// It is nothing that has a rank, and why.
    case leftOut(reason: String)

    /// Its rank could not be taken, and why: something is wrong with it.
    case failed(reason: String)
  }

  /// The tensor's name; of a matrix in a stack with its index, `experts.w1[3]`.
  public let name: String

  /// The name of the tensor that the matrix is a part of, the same for a whole tensor.
  public let tensorName: String

  /// Its dimensions.
  public let shape: [Int]

  /// The type of its values, in the file's words.
  public let type: String

  /// The same, where it is a floating-point type that can be read.
  public let format: FloatFormat?

  /// What became of it.
  public let outcome: Outcome

  /// The findings, of a matrix.
  public var findings: MatrixFindings? {
    if case .matrix(let findings) = outcome { findings } else { nil }
  }

  /// As which matrix the tensor was taken; `nil` for what was left out.
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
  ///   - tensor: In its file.
  ///   - decision: As which matrix it is taken, or why it is left out.
  ///   - settings: What is subtracted, and where the line to zero is.
  ///   - made: What `init` made of it, as the file's record says.
  ///   - stack: The stack that it is a matrix of, where that is read as a whole, or why it could not be.
  ///   - team: Shares the work.
  init(
    _ tensor: StoredTensor, _ decision: MatrixReading.Decision, _ settings: InspectionSettings,
    made: StartingWeight?, stack: Result<StackInMemory, any Error>? = nil, team: ThreadTeam
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
    made: StartingWeight?, stack: StackInMemory?, team: ThreadTeam
  ) throws -> Outcome {
    // W and what it is compared with, or what LAPACK destroys, and the Gram matrix.
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
        reason: "\(statistics.notNumbers) NaN and \(statistics.infinities) infinite among "
          + "\(tensor.count) values; no rank")
    }
    let baselineSteps = try settings.baseline.subtract(
      from: &weight, of: tensor, reading, in: stack, made: made, team: team)
    let values: [Double]
    do {
      values = try weight.singularValues(within: settings.relativeError, team: team)
    } catch FactorizationError.notFinite {
      // Both sides are finite: their difference is beyond the largest number.
      throw FactorizationError.overflow
    }
    return .matrix(
      MatrixFindings(
        rows: reading.rows, columns: reading.columns, spectrum: Spectrum(values),
        rule: settings.rule, format: format, statistics: statistics, baselineSteps: baselineSteps))
  }
}
