// One run's folder: what is in it, and in which order it comes to be.

import DurableFiles
public import Foundation
import Messages
public import Training

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The folder of one run.
///
/// `status.json` (running), `provenance.json`, an empty `metrics.jsonl` and `plan.json` come first, rows
/// are appended, now and then `checkpoint.safetensors` is replaced, and at the end `provenance.json`
/// gets its last field and `status.json` its last word. Whoever finds the status "running" and no lock
/// has found a run that was killed.
public struct RunFolder: Sendable {
  /// Where it is.
  public let url: URL

  /// Names a folder; nothing is read or written.
  public init(_ url: URL) { self.url = url }

  /// A file of the folder.
  public func file(_ name: String) -> URL { url.appendingPathComponent(name) }

  /// What a folder holds of a run that somebody wants.
  public enum Holding: Equatable, Sendable {
    /// No run, or one that did not end well.
    case nothingFinished

    /// The finished run.
    case finished

    /// A run that is finished by its status, and whose rows are not those that it wrote.
    case damaged(RecordError)
  }

  /// What the folder holds of a run of this very plan on this very data.
  ///
  /// - Parameters:
  ///   - plan: The plan, valid.
  ///   - data: What it would be trained on now.
  /// - Returns: Whether there is nothing left to do, by the status and the rows.
  /// - Throws: `RecordError.otherPlan` when it holds a run, finished or not, of another plan or on other
  ///   data; `.malformed` or `.unreadable` when that can't be told.
  public func holding(of plan: TrainingPlan, on data: Provenance.Data)
    throws(RecordError) -> Holding
  {
    guard try earlierProvenance(of: plan, on: data) != nil else { return .nothingFinished }
    let status = try status
    guard status.status == .done else { return .nothingFinished }
    do {
      try checkRows(of: plan, on: data, against: status)
    } catch {
      // What can't be read now may be valid.
      if case .unreadable = error { throw error }
      return .damaged(error)
    }
    return .finished
  }

  /// The provenance of an earlier session of a run.
  ///
  /// - Returns: `nil` where no run has begun.
  /// - Throws: As `holding`.
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

  /// Whether a run has begun here, or may have: reading then says why that can't be told.
  public var holdsRun: Bool { !isMissing(file("plan.json")) }

  /// Whether nothing is under a name, as far as the operating system lets one look.
  private func isMissing(_ url: URL) -> Bool {
    unsafe access(url.path, F_OK) != 0 && [ENOENT, ENOTDIR].contains(errno)
  }

  /// Takes the right to write into the folder.
  ///
  /// - Returns: The right; it ends with the value.
  /// - Throws: `RecordError.locked` when another process has it, `.unwritable`.
  public func lock() throws(RecordError) -> FolderLock { try FolderLock(url) }

  /// Begins a run: an empty record, status "running", no checkpoint, no event file.
  ///
  /// - Returns: The log that the run's rows go to.
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
    // The last one: where it is, the others are.
    try RecordFiles.writeJSON(plan, to: file("plan.json"))
    return try MetricsLog(metricsFile, keeping: 0)
  }

  /// Takes up a run again.
  ///
  /// - Parameters:
  ///   - provenance: What it is now.
  ///   - length: The bytes of rows that are kept.
  /// - Returns: The log that further rows go to.
  /// - Throws: `RecordError.unwritable`.
  public func resume(_ provenance: Provenance, keeping length: Int) throws(RecordError)
    -> MetricsLog
  {
    DurableFile.removeParts(in: url)
    try write(RunStatus(.running))
    try write(provenance)
    return try MetricsLog(metricsFile, keeping: length)
  }

  /// Removes a file of the folder, if it is there.
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
