// The folder of an experiment's results.

public import Foundation
public import Training

/// Where an experiment's runs, figures and summary lie.
public struct ExperimentFolder: Sendable {
  /// Where it is.
  public let url: URL

  /// Names a folder; nothing is read or written.
  public init(_ url: URL) { self.url = url }

  /// A file of the folder.
  public func file(_ name: String) -> URL { url.appendingPathComponent(name) }

  /// Moves the folder aside, with everything in it.
  ///
  /// - Returns: Where it is now, `nil` if there was nothing to move.
  /// - Throws: `RecordError.locked` when another process is at one of its runs, `.unwritable`.
  public func moveAside() throws(RecordError) -> URL? {
    let runs = try? FileManager.default.contentsOfDirectory(
      at: file("runs"), includingPropertiesForKeys: nil)
    var locks: [RunLock] = []
    for run in runs ?? [] { locks.append(try RunFolder(run).lock()) }
    return try withExtendedLifetime(locks) { () throws(RecordError) in
      try RecordFiles.moveAside(url)
    }
  }

  /// The folder of a run: `runs/` and the plan's identifier.
  public func run(_ plan: TrainingPlan) -> RunFolder {
    RunFolder(file("runs").appendingPathComponent(plan.identifier))
  }
}
