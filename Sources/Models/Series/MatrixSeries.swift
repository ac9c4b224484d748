// One matrix through the checkpoints of a series. The start and the previous weight stay in memory, so each file is read
// once.

import Foundation
import ZerOCheckpoints
import ZerOInspection
import ZerOLinearAlgebra
import ZerOParallelism
import ZerOSpectra

/// Ranks one matrix in checkpoint after checkpoint.
struct MatrixSeries {
  /// The checkpoint that is subtracted or compared with.
  struct Start: Sendable {
    /// The checkpoint.
    let archive: TensorArchive

    /// The digest of its files.
    let identity: String
  }

  private let name: String
  private let settings: SeriesSettings
  private let start: Start?
  private let team: ThreadTeam

  /// The start in memory, and the dimensions of the tensor that it belongs to.
  private var startMatrix: (shape: [Int], matrix: StartMatrix)?

  /// ‖W₀‖ of the start in memory.
  private var startNorm = 0.0

  /// The leading singular vectors of the start, and the dimensions of its tensor.
  private var startVectors: (shape: [Int], vectors: Matrix<Double>?)?

  /// Whether a weight to compare with could not be read, which another call may not meet.
  private var lacksComparison = false

  /// The weight of the checkpoint before, and its index.
  private var previous: (index: Int, weight: CompactMatrix)?

  /// Begins with a matrix.
  ///
  /// - Parameters:
  ///   - name: Its name in the series.
  ///   - settings: The settings of the series.
  ///   - start: The checkpoint that is subtracted or compared with.
  ///   - team: Threads that share the work.
  init(_ name: String, _ settings: SeriesSettings, start: Start?, team: ThreadTeam) {
    self.name = name
    self.settings = settings
    self.start = start
    self.team = team
  }

  /// Computes the row of a checkpoint.
  ///
  /// - Parameters:
  ///   - checkpoint: An open checkpoint that contains the matrix.
  ///   - before: The checkpoint before it, if it is open.
  ///   - isNeeded: Whether the weight will be compared with the next checkpoint's.
  /// - Returns: The row, and whether it is final: an error that another call may not meet is not.
  mutating func row(
    of checkpoint: OpenCheckpoint, before: OpenCheckpoint?, keepingWeight isNeeded: Bool
  ) -> (row: SeriesRow, isFinal: Bool)? {
    guard let subject = checkpoint.subjects[name], let (rows, columns) = subject.dimensions else {
      return nil
    }
    var (results, defect, isFinal): (SeriesRow.Results?, String?, Bool) = (nil, nil, true)
    lacksComparison = false
    do {
      results = try inspect(subject, of: checkpoint, before: before, keepingWeight: isNeeded)
      isFinal = !lacksComparison
    } catch {
      defect = "\(error)"
      isFinal = Self.isFinal(error)
    }
    if results == nil { previous = nil }
    let row = SeriesRow(
      step: checkpoint.checkpoint.step, checkpoint: checkpoint.checkpoint.name, matrix: name,
      rows: rows, columns: columns, type: subject.tensor.type, results: results, defect: defect,
      identity: SeriesRow.Identity(
        checkpoint: checkpoint.identity, previous: checkpoint.previous?.identity,
        start: start?.identity))
    return (row, isFinal)
  }

  /// Whether the same files always cause an error.
  private static func isFinal(_ error: any Error) -> Bool {
    if error is MemoryShortage { return false }
    if case .unreadable = error as? TensorFileError { return false }
    return true
  }

  /// The result of reading a weight to compare with; `nil` if it has none.
  private mutating func compared<Value>(_ read: () throws -> Value?) -> Value? {
    do {
      return try read()
    } catch {
      lacksComparison = lacksComparison || !Self.isFinal(error)
      return nil
    }
  }

  private mutating func inspect(
    _ subject: InspectionSubject, of checkpoint: OpenCheckpoint, before: OpenCheckpoint?,
    keepingWeight isNeeded: Bool
  ) throws -> SeriesRow.Results {
    try checkMemory(for: subject)
    let weight = try subject.weight(team: team)
    let similarity = similarity(of: weight, in: checkpoint, before: before)
    previous = isNeeded ? (checkpoint.index, weight.values) : nil
    let start = try self.start(of: subject, weight, in: checkpoint)
    let overlap = try overlap(of: weight, subject, in: checkpoint, minus: start)
    let inspection = try InspectionSettings(rule: settings.rule)
    let findings = try subject.findings(of: consume weight, minus: start, inspection, team: team)
    let (spectrum, tolerance) = (findings.spectrum, findings.rank.tolerance)
    var quantities: [String: Double] = [:]
    for quantity in SpectralQuantity.catalog {
      let value = quantity.value(of: spectrum, tolerance: tolerance)
      quantities[quantity.key] = min(value, .greatestFiniteMagnitude)
    }
    return SeriesRow.Results(
      tolerance: tolerance, storageNoise: findings.storageNoise, quantities: quantities,
      startNorm: settings.subtractsCheckpoint && startNorm.isFinite ? startNorm : nil,
      similarityToPrevious: similarity, overlapWithStart: overlap,
      singularValues: spectrum.values.map(Self.sixDigits))
  }

  /// Checks the memory for the start and two weights in their precision, the difference, the Gram matrix and its factor, and for the
  /// copy of which singular vectors are computed.
  private func checkMemory(for subject: InspectionSubject) throws(MemoryShortage) {
    guard let dimensions = subject.dimensions else { return }
    let (rows, columns) = (Double(dimensions.rows), Double(dimensions.columns))
    let stored: Double = subject.tensor.format == .float64 ? 8 : 4
    let inDouble: Double = settings.overlap == nil ? 8 : 16
    try Memory.check(
      (3 * stored + inDouble) * rows * columns + 16 * pow(min(rows, columns), 2),
      for: "with the start and the weight before, '\(name)'")
  }

  /// A number with 6 significant digits.
  static func sixDigits(_ value: Double) -> Double {
    Double(String(format: "%.5e", value)) ?? value
  }

  /// The cosine similarity to the previous checkpoint's weight.
  private mutating func similarity(
    of weight: StoredWeight, in checkpoint: OpenCheckpoint, before: OpenCheckpoint?
  ) -> Double? {
    guard let index = checkpoint.previous?.index else { return nil }
    let (subject, team) = (before?.subjects[name], team)
    let other =
      previous?.index == index
      ? previous?.weight : compared { try subject?.weight(team: team).values }
    guard let other, other.shape == weight.values.shape else { return nil }
    return weight.values.cosineSimilarity(to: other, team: team)
  }

  /// The matrix to subtract; a checkpoint's is read once.
  private mutating func start(
    of subject: InspectionSubject, _ weight: StoredWeight, in checkpoint: OpenCheckpoint
  ) throws -> StartMatrix? {
    guard let start, settings.subtractsCheckpoint else {
      return try subject.start(settings.baseline, team: team)
    }
    let shape = subject.tensor.origin?.shape ?? subject.tensor.shape
    if let startMatrix, startMatrix.shape == shape { return startMatrix.matrix }
    let matrix =
      start.identity == checkpoint.identity
      ? weight.asStart : try subject.start(.archive(start.archive), team: team)
    startMatrix = matrix.map { (shape, $0) }
    startNorm = matrix?.norm ?? 0
    return matrix
  }

  /// The overlap of the leading singular subspaces of a weight and of the start.
  private mutating func overlap(
    of weight: StoredWeight, _ subject: InspectionSubject, in checkpoint: OpenCheckpoint,
    minus subtracted: StartMatrix?
  ) throws -> Double? {
    guard let count = settings.overlap, let start else { return nil }
    let team = team
    let own = try weight.values.inDouble(team: team).leadingSingularVectors(
      count: count, team: team)
    let shape = subject.tensor.origin?.shape ?? subject.tensor.shape
    if startVectors?.shape != shape {
      if start.identity == checkpoint.identity {
        startVectors = (shape, own)
      } else {
        // A start that is only compared may lack the matrix.
        let isSubtracted = settings.subtractsCheckpoint
        let matrix =
          isSubtracted
          ? subtracted : compared { try subject.start(.archive(start.archive), team: team) }
        let vectors = try matrix?.values.inDouble(team: team)
          .leadingSingularVectors(count: count, team: team)
        // Read again for the next checkpoint if that failed.
        startVectors = lacksComparison ? nil : (shape, vectors)
      }
    }
    guard let own, let vectors = startVectors?.vectors else { return nil }
    return subspaceOverlap(own, vectors)
  }
}
