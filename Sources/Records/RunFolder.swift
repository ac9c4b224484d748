// One run's folder: what is in it, and in which order it comes to be.

public import Foundation
import Messages
public import Training

/// The folder of one run.
///
/// `plan.json` and `status.json` (running) come first, `metrics.jsonl` grows line by line, and at the
/// end `provenance.json` gets its last field and `status.json` its last word. Whoever finds the
/// status "running" and no process has found a run that was killed.
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
    guard FileManager.default.fileExists(atPath: file("plan.json").path) else { return false }
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

  /// Begins a run: an empty record, status "running".
  ///
  /// - Returns: The log that the run's rows go to.
  /// - Throws: `RecordError.unwritable`.
  public func begin(_ plan: TrainingPlan, _ provenance: Provenance) throws(RecordError)
    -> MetricsLog
  {
    try RecordFiles.writeJSON(plan, to: file("plan.json"))
    try write(RunStatus(.running))
    try write(provenance)
    try RecordFiles.write([], to: file("metrics.jsonl"))
    return try MetricsLog(file("metrics.jsonl"))
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
