// Copies of a run for several experiments.

import Foundation
import ZerOMessages

extension RunFolder {
  /// Copies a finished run into this folder and replaces its contents.
  ///
  /// The status is copied last, so an interrupted copy is not a finished run.
  ///
  /// - Parameters:
  ///   - other: The finished run.
  ///   - lock: The lock of this folder.
  /// - Throws: `RecordError`.
  public func copy(from other: RunFolder, holding lock: FolderLock) throws(RecordError) {
    try removeCheckpoints()
    try removeEventFiles()
    try write(RunStatus(.running))
    // The order of a new run: where the plan exists, the other files do.
    let last = ["plan.json", "status.json"]
    let names: [String]
    do {
      names = try FileManager.default.contentsOfDirectory(atPath: other.url.path)
    } catch {
      throw .unreadable(path: other.url.path, reason: systemReason(of: error))
    }
    let own = Set((other.checkpoints + [other.newCheckpoint]).map(\.lastPathComponent) + last)
    for name in names.filter({ !$0.hasPrefix(".") && !own.contains($0) }).sorted() + last {
      let contents: Data
      do {
        contents = try Data(contentsOf: other.file(name))
      } catch {
        throw .unreadable(path: other.file(name).path, reason: systemReason(of: error))
      }
      try RecordFiles.replace(file(name), with: contents)
    }
  }
}
