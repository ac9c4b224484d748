// One tensor of a checkpoint, and what became of it.

public import Checkpoints
import Initializers
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

  /// The tensor's name.
  public let name: String

  /// Its extents.
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

  init(_ tensor: StoredTensor, _ outcome: Outcome) {
    name = tensor.name
    shape = tensor.shape
    type = tensor.type
    format = tensor.format
    self.outcome = outcome
  }

  /// Reads a tensor and takes its rank.
  ///
  /// - Parameters:
  ///   - tensor: In its file.
  ///   - settings: What is taken off it, and where the line to zero is.
  ///   - crew: Shares the work.
  init(_ tensor: StoredTensor, _ settings: InspectionSettings, crew: Crew) {
    if let reason = Self.reasonToLeaveOut(tensor, settings) {
      self.init(tensor, .leftOut(reason: reason))
      return
    }
    do {
      self.init(tensor, try Self.inspect(tensor, settings, crew: crew))
    } catch {
      self.init(tensor, .failed(reason: "\(error)"))
    }
  }

  /// Why a tensor has no rank, as its header alone says; `nil` for a matrix.
  static func reasonToLeaveOut(_ tensor: StoredTensor, _ settings: InspectionSettings) -> String? {
    switch tensor.shape.count {
    case 0: return "a single number"
    case 1: return "a vector"
    case 2...5: break
    default: return "\(tensor.shape.count) extents"
    }
    if tensor.shape.contains(0) { return "empty" }
    if tensor.format == nil { return "values of type \(tensor.type)" }
    return nil
  }

  private static func inspect(
    _ tensor: StoredTensor, _ settings: InspectionSettings, crew: Crew
  ) throws -> Outcome {
    let layout = settings.layouts[tensor]
    guard let format = tensor.format, let extents = layout.matrix(of: tensor.shape) else {
      preconditionFailure("\(tensor.name) of \(tensor.shape) is no matrix")
    }
    var weight = try tensor.matrix(
      rows: extents.rows, columns: extents.columns, as: Double.self, crew: crew)
    let census = weight.census(smallestExponent: format.smallestExponent, crew)
    let special = census.notNumbers + census.infinities
    guard special == 0 else {
      return .failed(
        reason: "\(census.notNumbers) NaN and \(census.infinities) infinite among "
          + "\(tensor.count) values; no rank")
    }
    let baselineSteps = try settings.baseline.subtract(
      from: &weight, of: tensor, format: format, layout: layout, crew: crew)
    let values = try weight.singularValues(within: settings.relativeError, crew: crew)
    return .matrix(
      MatrixFindings(
        rows: extents.rows, columns: extents.columns, spectrum: Spectrum(values),
        rule: settings.rule, format: format, census: census, baselineSteps: baselineSteps))
  }
}
