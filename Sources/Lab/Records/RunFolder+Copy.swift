// One training for several experiments.

import Foundation
import Messages

extension RunFolder {
  /// Copies a finished run here, over what is here.
  ///
  /// The status comes last, so a copy that was broken off is no finished run.
  ///
  /// - Parameters:
  ///   - other: The finished run.
  ///   - lock: Of this folder.
  /// - Throws: `RecordError`.
  public func copy(from other: RunFolder, holding lock: FolderLock) throws(RecordError) {
    try removeCheckpoints()
    try removeEventFiles()
    try write(RunStatus(.running))
    // In this order a run begins, too: where the plan is, the rest is.
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
