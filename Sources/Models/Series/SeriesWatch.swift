// Follows the folder of a training under way: which checkpoints are complete.

import Checkpoints
public import Foundation

/// Finds the checkpoints of a training under way, again and again.
///
/// A checkpoint is complete when it opens and its files have been unchanged since the last call, or for ten seconds.
public struct SeriesWatch {
  private let paths: [String]
  private let selection: StepSelection?
  private let key: String?

  /// The digests of the files in the last call, by path.
  private var digests: [String: String] = [:]

  /// The checkpoints of the last series that was returned, with the digests of their files.
  private var returned: [String: String]?

  /// The number of calls in a row that failed with the same error, and the error.
  private var failure: (error: SeriesError, count: Int)?

  /// Checkpoints that are not complete, with the reason.
  public private(set) var incomplete: [SeriesInspection.Skipped] = []

  /// The calls after which an error that a file in writing may cause is reported.
  private static let patience = 3

  /// The age in seconds from which unchanged files are complete.
  private static let age = 10.0

  /// Follows paths; nothing is read yet.
  ///
  /// - Parameters:
  ///   - paths: One folder that contains the checkpoints; or the checkpoints, files and folders.
  ///   - selection: The steps to keep; `nil` for all.
  ///   - key: The key of the model in a PyTorch file; `nil` to choose it by name.
  public init(_ paths: [String], only selection: StepSelection? = nil, key: String? = nil) {
    self.paths = paths
    self.selection = selection
    self.key = key
  }

  /// The series of the complete checkpoints.
  ///
  /// - Parameter time: The time of the call.
  /// - Returns: `nil` if nothing has changed since the last returned series, if no checkpoint is complete, and if the
  ///   first one of the run is not.
  /// - Throws: `SeriesError` and `TensorFileError`, as ``CheckpointSeries``. A folder without checkpoints is no error,
  ///   and an unclear step is one only in the third call in a row, since a file in writing may cause it.
  public mutating func poll(at time: Date = Date()) throws -> CheckpointSeries? {
    let series: CheckpointSeries
    do {
      series = try CheckpointSeries(paths, only: selection, key: key)
    } catch let error as SeriesError {
      try note(error)
      return nil
    }
    failure = nil
    var complete: [String: String] = [:]
    var current: [String: String] = [:]
    incomplete = []
    for checkpoint in [series.first] + series.checkpoints where current[checkpoint.path] == nil {
      do {
        let archive = try checkpoint.open()
        let digest = try FileIdentity.digest(of: archive, name: checkpoint.name)
        current[checkpoint.path] = digest
        let isOld = try FileIdentity.latestChange(of: archive) < time.addingTimeInterval(-Self.age)
        if digests[checkpoint.path] == digest || isOld {
          complete[checkpoint.path] = digest
        } else {
          incomplete.append(.init(checkpoint: checkpoint, reason: "its files are still changing"))
        }
      } catch {
        current[checkpoint.path] = ""
        incomplete.append(.init(checkpoint: checkpoint, reason: "\(error)"))
      }
    }
    digests = current
    let checkpoints = series.checkpoints.filter { complete[$0.path] != nil }
    guard complete[series.first.path] != nil, !checkpoints.isEmpty, complete != returned else {
      return nil
    }
    returned = complete
    return series.keeping(checkpoints)
  }

  /// Throws an error that remains.
  private mutating func note(_ error: SeriesError) throws(SeriesError) {
    switch error {
    case .noCheckpoints, .noSelectedStep: return
    case .unclearSteps:
      let count = failure.map { $0.error == error ? $0.count + 1 : 1 } ?? 1
      failure = (error, count)
      if count >= Self.patience { throw error }
    default: throw error
    }
  }
}
