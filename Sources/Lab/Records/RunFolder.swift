// The folder of one run, and the order in which its files are written.

public import Foundation
import ZerODurableFiles
import ZerOMessages
public import ZerOTraining

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The folder of one run.
///
/// A run first writes `status.json` (running), `provenance.json`, an empty `metrics.jsonl` and `plan.json`. It appends
/// rows and replaces `checkpoint.safetensors` from time to time. At the end it completes `provenance.json` and
/// `status.json`. The status "running" without a lock means that the run was killed.
public struct RunFolder: Sendable {
  /// The place of the folder.
  public let url: URL

  /// Makes a value for a folder; nothing is read or written.
  public init(_ url: URL) { self.url = url }

  /// A file of the folder.
  public func file(_ name: String) -> URL { url.appendingPathComponent(name) }

  /// The contents of a folder with regard to a run.
  public enum Holding: Equatable, Sendable {
    /// No run, or an unfinished one.
    case nothingFinished

    /// The finished run.
    case finished

    /// A run that is finished according to its status, with rows that it did not write.
    case damaged(RecordError)
  }

  /// The contents of the folder with regard to a run of a plan on some data.
  ///
  /// - Parameters:
  ///   - plan: A valid plan.
  ///   - data: The present training data.
  /// - Returns: The contents according to status and rows.
  /// - Throws: `RecordError.otherPlan` if the folder contains a run, finished or not, of another plan or on other
  ///   data; `.malformed` or `.unreadable` if this is unknown.
  public func holding(of plan: TrainingPlan, on data: Provenance.Data)
    throws(RecordError) -> Holding
  {
    guard try earlierProvenance(of: plan, on: data) != nil else { return .nothingFinished }
    let status = try status
    guard status.status == .done else { return .nothingFinished }
    do {
      try checkRows(of: plan, on: data, against: status)
    } catch {
      // An unreadable file may be valid.
      if case .unreadable = error { throw error }
      return .damaged(error)
    }
    return .finished
  }

  /// The provenance of an earlier session of a run.
  ///
  /// - Returns: `nil` if no run has begun.
  /// - Throws: The errors of `holding`.
  public func earlierProvenance(of plan: TrainingPlan, on data: Provenance.Data)
    throws(RecordError) -> Provenance?
  {
    guard holdsRun else { return nil }
    let other = try RecordFiles.readJSON(TrainingPlan.self, from: file("plan.json"))
    if let key = plan.firstDifference(from: other) { throw .otherPlan(path: url.path, key: key) }
    let provenance = try RecordFiles.readJSON(Provenance.self, from: file("provenance.json"))
    guard provenance.data == data else {
      throw .otherPlan(path: url.path, key: "the contents of \(data.name)")
    }
    return provenance
  }

  /// Whether a run has begun here, or may have; if this is uncertain, reading throws the reason.
  public var holdsRun: Bool { !isMissing(file("plan.json")) }

  /// Whether a file is certainly absent.
  private func isMissing(_ url: URL) -> Bool {
    unsafe access(url.path, F_OK) != 0 && [ENOENT, ENOTDIR].contains(errno)
  }

  /// Locks the folder for writing.
  ///
  /// - Returns: The lock, which ends with the value.
  /// - Throws: `RecordError.locked` if another process holds it, `.unwritable`.
  public func lock() throws(RecordError) -> FolderLock { try FolderLock(url) }

  /// Begins a run: an empty record, status "running", no checkpoint, no event file.
  ///
  /// - Returns: The log for the rows of the run.
  /// - Throws: `RecordError.unwritable`.
  public func begin(_ plan: TrainingPlan, _ provenance: Provenance) throws(RecordError)
    -> MetricsLog
  {
    try RecordFiles.makeFolder(url)
    DurableFile.removeParts(in: url)
    try removeCheckpoints()
    try removeEventFiles()
    for name in ["model.safetensors", "trace.safetensors"] { try remove(file(name)) }
    try write(RunStatus(.running))
    try write(provenance)
    try RecordFiles.replace(metricsFile, with: [])
    // Written last, so the other files exist wherever it does.
    try RecordFiles.writeJSON(plan, to: file("plan.json"))
    return try MetricsLog(metricsFile, keeping: 0)
  }

  /// Resumes a run.
  ///
  /// - Parameters:
  ///   - provenance: The new provenance.
  ///   - length: The bytes of rows that are kept.
  /// - Returns: The log for further rows.
  /// - Throws: `RecordError.unwritable`.
  public func resume(_ provenance: Provenance, keeping length: Int) throws(RecordError)
    -> MetricsLog
  {
    DurableFile.removeParts(in: url)
    try write(RunStatus(.running))
    try write(provenance)
    return try MetricsLog(metricsFile, keeping: length)
  }

  /// Removes a file of the folder if it exists.
  ///
  /// - Throws: `RecordError.unwritable`.
  public func remove(_ url: URL) throws(RecordError) {
    guard FileManager.default.fileExists(atPath: url.path) else { return }
    do {
      try FileManager.default.removeItem(at: url)
    } catch {
      throw .unwritable(path: url.path, reason: systemReason(of: error))
    }
  }

  /// Replaces the status.
  ///
  /// - Throws: `RecordError.unwritable`.
  public func write(_ status: RunStatus) throws(RecordError) {
    try RecordFiles.writeJSON(status, to: file("status.json"))
  }

  /// Replaces the provenance.
  ///
  /// - Throws: `RecordError.unwritable`.
  public func write(_ provenance: Provenance) throws(RecordError) {
    try RecordFiles.writeJSON(provenance, to: file("provenance.json"))
  }
}
