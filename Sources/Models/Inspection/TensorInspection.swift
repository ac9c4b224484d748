// The inspection of one tensor.

public import ZerOCheckpoints
import ZerOParallelism

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

  /// The tensor's name; for a matrix of a stack with its index, `experts.w1[3]`, and for a layer of a
  /// fused weight with its name, `c_attn.weight[q]`.
  public let name: String

  /// The name of the whole tensor, without the index of a matrix or the name of a part.
  public let tensorName: String

  /// The place of the matrix in the tensor; `nil` for a whole tensor.
  let part: StoredTensor.Part?

  /// Whether the matrix is one of a stack.
  var isOfStack: Bool { if case .matrix = part { true } else { false } }

  /// Whether the matrix is the weight of one layer in a fused weight.
  var isOfFusedWeight: Bool { if case .block = part { true } else { false } }

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

  init(
    _ tensor: StoredTensor, _ outcome: Outcome, _ reading: MatrixReading? = nil,
    format: FloatFormat? = nil
  ) {
    name = tensor.name
    tensorName = tensor.origin?.name ?? tensor.name
    part = tensor.origin?.part
    self.reading = reading
    shape = tensor.shape
    let isConverted = format != nil && format != tensor.format
    type = isConverted ? format?.rawValue ?? tensor.type : tensor.type
    self.format = format ?? tensor.format
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
        var weight = try subject.weight(in: stack, team: team)
        if let addend = settings.addend {
          let added = try subject.start(.archive(addend), team: team)
          if let added { weight.add(added, team: team) }
        }
        let start = try subject.start(settings.baseline, in: stack, team: team)
        let format = weight.format
        let findings = try subject.findings(
          of: consume weight, minus: start, settings, team: team)
        self.init(subject.tensor, .matrix(findings), reading, format: format)
      } catch {
        self.init(subject.tensor, .failed(reason: "\(error)"), reading)
      }
    }
  }
}
