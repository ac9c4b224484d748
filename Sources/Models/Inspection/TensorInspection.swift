// The inspection of one tensor.

public import Checkpoints
import Parallelism

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
  ///   - subject: The tensor, and how it is interpreted as a matrix.
  ///   - settings: The tolerance rule and the baseline.
  ///   - stack: The stack in memory that contains it, or the error of reading the stack.
  ///   - team: Threads that share the work.
  init(
    _ subject: InspectionSubject, _ settings: InspectionSettings,
    stack: Result<StackInMemory, any Error>? = nil, team: ThreadTeam
  ) {
    switch subject.decision {
    case .leftOut(let reason): self.init(subject.tensor, .leftOut(reason: reason))
    case .matrix(let reading):
      do {
        let stack = try stack?.get()
        let weight = try subject.weight(in: stack, team: team)
        let start = try subject.start(settings.baseline, in: stack, team: team)
        let findings = try subject.findings(
          of: consume weight, minus: start, settings, team: team)
        self.init(subject.tensor, .matrix(findings), reading)
      } catch {
        self.init(subject.tensor, .failed(reason: "\(error)"), reading)
      }
    }
  }
}
