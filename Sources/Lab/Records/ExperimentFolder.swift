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

  /// Takes part in the work on the experiment: as long as anybody does, it can't be moved aside.
  ///
  /// - Parameter isAlone: Whether nobody else may take part: of two processes that want all runs, one gets none.
  /// - Returns: The right; it ends with the value.
  /// - Throws: `RecordError.locked` when others are at work on it or it is being moved aside, `.unwritable`.
  public func join(isAlone: Bool = false) throws(RecordError) -> FolderLock {
    try FolderLock(url, isShared: !isAlone)
  }

  /// Refuses symbolic links that lead out of the folder: what is written behind them would change other files.
  ///
  /// - Parameter inner: A folder in this one, at any depth; it need not be there.
  /// - Throws: `RecordError.isLink`.
  public func refuseLinks(to inner: URL) throws(RecordError) {
    var place = inner
    while place.path.count > url.path.count {
      if (try? FileManager.default.destinationOfSymbolicLink(atPath: place.path)) != nil {
        let home = url.resolvingSymlinksInPath().path + "/"
        guard place.resolvingSymlinksInPath().path.hasPrefix(home) else {
          throw .isLink(path: place.path)
        }
      }
      place.deleteLastPathComponent()
    }
  }

  /// Moves the folder aside, with everything in it.
  ///
  /// - Returns: Where it is now, `nil` if there was nothing to move.
  /// - Throws: `RecordError.locked` when another process is at work on it, `.unwritable`.
  public func moveAside() throws(RecordError) -> URL? {
    guard FileManager.default.fileExists(atPath: url.path) else { return nil }
    let lock = try FolderLock(url)
    return try withExtendedLifetime(lock) { () throws(RecordError) in
      try RecordFiles.moveAside(url)
    }
  }

  /// The folder of a run: `runs/` and the plan's identifier.
  public func run(_ plan: TrainingPlan) -> RunFolder {
    RunFolder(file("runs").appendingPathComponent(plan.identifier))
  }
}
