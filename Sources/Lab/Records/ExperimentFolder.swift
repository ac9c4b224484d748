// The folder with the results of an experiment.

public import Foundation
public import ZerOTraining

/// The folder with an experiment's runs, figures and summary.
public struct ExperimentFolder: Sendable {
  /// The place of the folder.
  public let url: URL

  /// Makes a value for a folder; nothing is read or written.
  public init(_ url: URL) { self.url = url }

  /// A file of the folder.
  public func file(_ name: String) -> URL { url.appendingPathComponent(name) }

  /// Joins the work on the experiment, which can't be moved aside meanwhile.
  ///
  /// - Parameter isAlone: Whether no other process may join; of two such processes one fails.
  /// - Returns: The lock, which ends with the value.
  /// - Throws: `RecordError.locked` if others work on the experiment or it is being moved aside, `.unwritable`.
  public func join(isAlone: Bool = false) throws(RecordError) -> FolderLock {
    try FolderLock(url, isShared: !isAlone)
  }

  /// Refuses symbolic links out of the folder, which would let a run overwrite other files.
  ///
  /// - Parameter inner: A folder inside this one, at any depth; it need not exist.
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
  /// - Returns: The new place, `nil` if there was no folder.
  /// - Throws: `RecordError.locked` if another process works on it, `.unwritable`.
  public func moveAside() throws(RecordError) -> URL? {
    guard FileManager.default.fileExists(atPath: url.path) else { return nil }
    let lock = try FolderLock(url)
    return try withExtendedLifetime(lock) { () throws(RecordError) in
      try RecordFiles.moveAside(url)
    }
  }

  /// The folder of a run in `runs`.
  public func run(_ plan: TrainingPlan) -> RunFolder { RunFolder(of: plan, in: file("runs")) }
}
