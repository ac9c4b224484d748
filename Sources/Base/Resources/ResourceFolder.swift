// Locates a target's resources. SwiftPM's own accessor ends the process if they are missing; callers of this function
// can report that as an error.

public import Foundation

/// The folder that contains a target's resources.
///
/// The build puts it beside the program, an installation into `../share/zerolab` relative to the program's folder.
///
/// - Parameter target: The name of the target, for example `Datasets`.
/// - Returns: The first of these folders that exists. If none exists, the one that the build makes.
public func resourceFolder(of target: String) -> URL {
  let program = Bundle.main.bundleURL
  let share = program.deletingLastPathComponent().appendingPathComponent("share/zerolab")
  let candidates = [program, Bundle.main.resourceURL ?? program, share].flatMap { folder in
    ["resources", "bundle"].map { folder.appendingPathComponent("ZerOLab_ZerO\(target).\($0)") }
  }
  return candidates.first { FileManager.default.fileExists(atPath: $0.path) } ?? candidates[0]
}
