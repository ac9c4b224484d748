// Where the files that come with a target lie when the program runs. SwiftPM's own accessor ends the
// process when they are missing; a caller of this one can say so in a sentence.

public import Foundation

/// The folder of a target's resources.
///
/// Looked for beside the program, where the build puts it, and in `../share/zerolab` of the program's
/// folder, where an installation may.
///
/// - Parameter target: The target's name, for example `Datasets`.
/// - Returns: The first folder that exists; where there is none, the one that should.
public func resourceFolder(of target: String) -> URL {
  let program = Bundle.main.bundleURL
  let share = program.deletingLastPathComponent().appendingPathComponent("share/zerolab")
  let candidates = [program, Bundle.main.resourceURL ?? program, share].flatMap { folder in
    ["resources", "bundle"].map { folder.appendingPathComponent("ZerOLab_\(target).\($0)") }
  }
  return candidates.first { FileManager.default.fileExists(atPath: $0.path) } ?? candidates[0]
}
