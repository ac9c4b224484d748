// Computes the ranks of every matrix in every checkpoint of a series.

import Foundation
import Synchronization
import ZerOCheckpoints
import ZerOInspection
public import ZerOParallelism
public import ZerOSpectra

/// The ranks of a series of checkpoints.
public struct SeriesInspection: Sendable {
  /// The rows, ordered by step, then by the order of the matrices.
  ///
  /// Rows of checkpoints that no longer exist are among them, if they were computed with the same start.
  public let rows: [SeriesRow]

  /// The checkpoints.
  public let series: CheckpointSeries

  /// The names of the matrices, in the order of the checkpoints' files.
  public let matrices: [String]

  /// The steps of the rows, in ascending order.
  public let steps: [Int]

  /// The steps whose rows have all singular values in memory: the first, the last, and some between.
  public let spectrumSteps: [Int]

  /// The difference as a formula, such as `W - W_0` with W_0 from the first checkpoint.
  public let difference: String

  /// The rule of the tolerance.
  public let rule: ToleranceRule

  /// The checkpoints that could not be read, with the reason.
  public let skipped: [Skipped]

  /// Remarks on how the checkpoints were found and read, one sentence each.
  public let notes: [String]

  /// The number of rows that an earlier call computed.
  public let reusedCount: Int

  /// A checkpoint that could not be read.
  public struct Skipped: Equatable, Sendable {
    /// The checkpoint.
    public let checkpoint: SeriesCheckpoint

    /// The defect and its fix, in one line.
    public let reason: String
  }

  /// The number of steps whose singular values are kept in memory.
  private static let spectrumCount = 5

  /// Computes the rows that the store doesn't have, and puts the store in order.
  ///
  /// The work goes matrix by matrix through all checkpoints. For each matrix, the start is read once and
  /// stays in memory with the current and the previous weight, all in the precision of their type, beside
  /// the difference in double precision. Memory is therefore that of about two and a half of the largest
  /// matrix in double precision, or three if the checkpoints are in double precision, and of one Gram
  /// matrix, for any number of checkpoints. Each finished row goes to the store, and a later call
  /// continues there.
  ///
  /// - Parameters:
  ///   - series: The checkpoints.
  ///   - settings: The settings.
  ///   - store: The rows that are done.
  ///   - pool: Runs the work. Its number of threads changes no result.
  ///   - check: Called before each matrix of a checkpoint; an error ends the work, and finished rows are kept.
  ///   - observe: Called from any thread with the completed fraction of the work.
  /// - Throws: `TensorFileError` if the start can't be read; `InspectionError` for a pattern that matches no tensor;
  ///   `SeriesError` if the store can't be written, or contains differences from a first checkpoint that
  ///   no longer exists; the error of `check`. A checkpoint that can't be read is skipped. A matrix that
  ///   can't be ranked becomes a row with a defect.
  public init(
    _ series: CheckpointSeries, _ settings: SeriesSettings, store: SeriesStore,
    on pool: WorkerPool, check: @escaping @Sendable () throws -> Void = {},
    observe: @escaping @Sendable (_ fraction: Double) -> Void = { _ in }
  ) async throws {
    var work = try SeriesWork(series, settings, store)
    for (index, checkpoint) in series.checkpoints.enumerated() {
      try check()
      work.add(checkpoint, index: index)
      if let error = work.failure { throw error }
      if work.isFull { try await work.run(on: pool, check: check, observe: observe) }
    }
    try await work.run(on: pool, check: check, observe: observe)
    let results = SeriesResults(work, series, settings.selection)
    try store.arrange(results.storedPlaces)
    var rows = results.rows
    let steps = Array(Set(rows.map(\.step))).sorted()
    spectrumSteps = Self.some(of: steps, Self.spectrumCount)
    for index in rows.indices where spectrumSteps.contains(rows[index].step) {
      let values = try store.singularValues(of: SeriesStore.Place(rows[index]))
      rows[index].results?.singularValues = values
    }
    self.rows = rows
    self.steps = steps
    self.series = series
    matrices = results.matrices
    difference = work.difference
    rule = settings.rule
    skipped = work.skipped
    notes = series.notes + work.notes + results.notes
    reusedCount = work.reusedCount
  }

  /// The first, the last, and evenly spaced members between.
  static func some(of steps: [Int], _ count: Int) -> [Int] {
    guard steps.count > count else { return steps }
    return (0..<count).map { steps[$0 * (steps.count - 1) / (count - 1)] }
  }

  /// Rows of matrices that have no rank.
  public var failures: [SeriesRow] { rows.filter { $0.defect != nil } }

  /// Rows whose rank is below a fraction of min(m, n), without those of the start itself.
  ///
  /// - Parameter ratio: The fraction, 0 to 1.
  /// - Returns: The rows in their order.
  public func deficient(below ratio: Double) -> [SeriesRow] {
    rows.filter { row in
      guard let rank = row.results?.quantities["rank"] else { return false }
      return !row.isStart && rank < ratio * Double(row.count)
    }
  }
}
