// Follows the folder of a training under way: which checkpoints are complete.

public import Foundation
import ZerOCheckpoints

/// Finds the checkpoints of a training under way, again and again.
///
/// A checkpoint is complete when it opens and its files have been unchanged since the last call, or for ten seconds.
public struct SeriesWatch {
  private let paths: [String]
  private let selection: StepSelection?
  private let key: String?

  /// A checkpoint that has been opened: its files and their digest.
  private struct Opened: Equatable {
    let files: [String]
    let digest: String
  }

  /// The checkpoints that could be opened in the last call, by path.
  private var opened: [String: Opened] = [:]

  /// The complete checkpoints of the last call, by path.
  private var complete: [String: Opened] = [:]

  /// The checkpoints of the last series that was returned, by path.
  private var returned: [String: Opened]?

  /// The text of the latest error, and the number of calls in a row that failed with it.
  private var failure: (text: String, count: Int)?

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
  /// - Throws: `SeriesError` and `TensorFileError`, as ``CheckpointSeries``. A folder without checkpoints is no error.
  ///   An unclear step and a folder that can't be read are errors only in the third call in a row, since a file in
  ///   writing, and a folder that was deleted during the search, may cause them.
  public mutating func poll(at time: Date = Date()) throws -> CheckpointSeries? {
    let series: CheckpointSeries
    do {
      series = try CheckpointSeries(paths, only: selection, key: key)
    } catch {
      if isExpected(error) { return nil }
      throw error
    }
    failure = nil
    let (before, known) = (opened, complete)
    (opened, complete, incomplete) = ([:], [:], [])
    var visited: Set<String> = []
    for checkpoint in [series.first] + series.checkpoints
    where visited.insert(checkpoint.path).inserted {
      do {
        if let known = known[checkpoint.path], Self.isUnchanged(known, name: checkpoint.name) {
          (opened[checkpoint.path], complete[checkpoint.path]) = (known, known)
          continue
        }
        let files = try checkpoint.open().files
        let current = Opened(
          files: files, digest: try FileIdentity.digest(of: files, name: checkpoint.name))
        opened[checkpoint.path] = current
        let isOld = try FileIdentity.latestChange(of: files) < time.addingTimeInterval(-Self.age)
        if before[checkpoint.path] == current || isOld {
          complete[checkpoint.path] = current
        } else {
          incomplete.append(.init(checkpoint: checkpoint, reason: "its files are still changing"))
        }
      } catch {
        incomplete.append(.init(checkpoint: checkpoint, reason: "\(error)"))
      }
    }
    let complete = complete
    let checkpoints = series.checkpoints.filter { complete[$0.path] != nil }
    guard complete[series.first.path] != nil, !checkpoints.isEmpty, complete != returned else {
      return nil
    }
    returned = complete
    return series.keeping(checkpoints)
  }

  /// Whether the files of a complete checkpoint are still the same, so it need not be opened again.
  ///
  /// A configuration may be written after the weights; it determines how they are read.
  private static func isUnchanged(_ checkpoint: Opened, name: String) -> Bool {
    let configurations = checkpoint.files.flatMap { TensorArchive.configurations(beside: $0) }
    return Set(configurations).isSubset(of: checkpoint.files)
      && (try? FileIdentity.digest(of: checkpoint.files, name: name)) == checkpoint.digest
  }

  /// Whether an error may be that of a training under way.
  private mutating func isExpected(_ error: any Error) -> Bool {
    switch error {
    case SeriesError.noCheckpoints, SeriesError.noSelectedStep: return true
    case SeriesError.unclearSteps, TensorFileError.unreadable:
      let text = "\(error)"
      let count = failure.map { $0.text == text ? $0.count + 1 : 1 } ?? 1
      failure = (text, count)
      return count < Self.patience
    default: return false
    }
  }
}
