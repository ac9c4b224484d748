// One run's folder: what is in it, and in which order it comes to be.

public import Foundation
import Messages
public import Training

/// The folder of one run.
///
/// `plan.json` and `status.json` (running) come first, `metrics.jsonl` grows line by line, now and then
/// `checkpoint.safetensors` is replaced, and at the end `provenance.json` gets its last field and
/// `status.json` its last word. Whoever finds the status "running" and no lock has found a run that was
/// killed.
public struct RunFolder: Sendable {
  /// Where it is.
  public let url: URL

  /// Names a folder; nothing is read or written.
  public init(_ url: URL) { self.url = url }

  /// A file of the folder.
  public func file(_ name: String) -> URL { url.appendingPathComponent(name) }

  /// Whether the folder holds a finished run of this very plan on this very data.
  ///
  /// - Parameters:
  ///   - plan: The plan.
  ///   - data: What it would be trained on now.
  /// - Returns: `false` also for a run that did not end well.
  /// - Throws: `RecordError.otherPlan` when it holds a run of another plan, or on other data.
  public func holdsFinishedRun(of plan: TrainingPlan, on data: Provenance.Data)
    throws(RecordError) -> Bool
  {
    guard holdsRun else { return false }
    let other = try RecordFiles.readJSON(TrainingPlan.self, from: file("plan.json"))
    if let key = plan.firstDifference(from: other) { throw .otherPlan(path: url.path, key: key) }
    let status = try? RecordFiles.readJSON(RunStatus.self, from: file("status.json"))
    guard status?.status == .done else { return false }
    let provenance = try RecordFiles.readJSON(Provenance.self, from: file("provenance.json"))
    guard provenance.data == data else {
      throw .otherPlan(path: url.path, key: "the contents of \(data.name)")
    }
    return true
  }

  /// Whether a run has begun here.
  public var holdsRun: Bool { FileManager.default.fileExists(atPath: file("plan.json").path) }

  /// Takes the right to write into the folder.
  ///
  /// - Returns: The right; it ends with the value.
  /// - Throws: `RecordError.locked` when another process has it, `.unwritable`.
  public func lock() throws(RecordError) -> RunLock { try RunLock(url) }

  /// Begins a run: an empty record, status "running", no checkpoint.
  ///
  /// - Returns: The log that the run's rows go to.
  /// - Throws: `RecordError.unwritable`.
  public func begin(_ plan: TrainingPlan, _ provenance: Provenance) throws(RecordError)
    -> MetricsLog
  {
    try removeCheckpoints()
    try RecordFiles.writeJSON(plan, to: file("plan.json"))
    try write(RunStatus(.running))
    try write(provenance)
    try RecordFiles.write([], to: file("metrics.jsonl"))
    return try MetricsLog(file("metrics.jsonl"), keeping: 0)
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
    try write(RunStatus(.running))
    try write(provenance)
    return try MetricsLog(file("metrics.jsonl"), keeping: length)
  }

  /// The bytes of `metrics.jsonl`, 0 without one.
  public var metricsLength: Int {
    (try? file("metrics.jsonl").resourceValues(forKeys: [.fileSizeKey]).fileSize) ?? 0
  }

  /// The provenance of a run that ended before its time.
  ///
  /// - Returns: `nil` unless there is one of this plan on this data.
  public func unfinishedProvenance(of plan: TrainingPlan, on data: Provenance.Data) -> Provenance? {
    guard
      let other = try? RecordFiles.readJSON(TrainingPlan.self, from: file("plan.json")),
      other == plan,
      let provenance = try? RecordFiles.readJSON(
        Provenance.self, from: file("provenance.json")),
      provenance.data == data
    else { return nil }
    return provenance
  }

  /// Where checkpoints lie, the latest first.
  public var checkpoints: [URL] {
    ["checkpoint.safetensors", "checkpoint.previous.safetensors"].map(file)
  }

  /// A checkpoint that is being written.
  private var newCheckpoint: URL { file("checkpoint.new.safetensors") }

  /// Writes a checkpoint; the one before is kept as well, in case this one can't be read some day.
  ///
  /// - Throws: `RecordError.unwritable`; an older checkpoint is still there.
  public func writeCheckpoint(_ bytes: [UInt8]) throws(RecordError) {
    try RecordFiles.write(bytes, to: newCheckpoint)
    let names = checkpoints
    do {
      if FileManager.default.fileExists(atPath: names[0].path) {
        try DurableFile.move(names[0], to: names[1])
      }
      try DurableFile.move(newCheckpoint, to: names[0])
    } catch {
      throw .unwritable(path: names[0].path, reason: systemReason(of: error))
    }
  }

  /// Removes what only an unfinished run needs.
  ///
  /// - Throws: `RecordError.unwritable`.
  public func removeCheckpoints() throws(RecordError) {
    let files = FileManager.default
    for url in checkpoints + [newCheckpoint] where files.fileExists(atPath: url.path) {
      do {
        try files.removeItem(at: url)
      } catch {
        throw .unwritable(path: url.path, reason: systemReason(of: error))
      }
    }
  }

  /// Replaces the status.
  public func write(_ status: RunStatus) throws(RecordError) {
    try RecordFiles.writeJSON(status, to: file("status.json"))
  }

  /// Replaces the provenance.
  public func write(_ provenance: Provenance) throws(RecordError) {
    try RecordFiles.writeJSON(provenance, to: file("provenance.json"))
  }

  /// Copies a finished run here, replacing what is here once the copy is whole.
  public func copy(from other: RunFolder) throws(RecordError) {
    let files = FileManager.default
    let copy = url.appendingPathExtension("copy")
    do {
      try files.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      if files.fileExists(atPath: copy.path) { try files.removeItem(at: copy) }
      try files.copyItem(at: other.url, to: copy)
      if files.fileExists(atPath: url.path) { try files.removeItem(at: url) }
      try files.moveItem(at: copy, to: url)
    } catch {
      throw .unwritable(path: url.path, reason: systemReason(of: error))
    }
  }
}

extension TrainingPlan {
  /// The key of the first field, in files' order of names, in which two plans differ.
  ///
  /// - Parameter other: The plan to compare with.
  /// - Returns: `nil` for equal plans.
  public func firstDifference(from other: TrainingPlan) -> String? {
    guard self != other else { return nil }
    let (mine, theirs) = (fields, other.fields)
    return CodingKeys.allCases.map(\.rawValue).sorted().first { mine[$0] != theirs[$0] }
  }

  private var fields: [String: NSObject] {
    guard let data = try? RecordFiles.encoder().encode(self) else { return [:] }
    return (try? JSONSerialization.jsonObject(with: data)) as? [String: NSObject] ?? [:]
  }
}
