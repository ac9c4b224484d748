// The commit that a program is built from, as a constant of the program.

import Foundation
import PackagePlugin

/// Writes `Build.swift` whenever the checkout or a source has changed; a commit that is still the same leaves the
/// file, and so the program, as it is.
@main struct RecordCommit: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: any Target) -> [Command] {
    let package = context.package.directoryURL
    let script = package.appendingPathComponent("Scripts/record-commit.sh")
    let folder = context.pluginWorkDirectoryURL
    return [
      .buildCommand(
        displayName: "Recording the commit", executable: URL(fileURLWithPath: "/bin/sh"),
        arguments: [script.path, package.path, folder.path],
        inputFiles: [script] + checkout(of: package) + sources(of: package),
        outputFiles: [folder.appendingPathComponent("Build.swift")])
    ]
  }

  /// The files of git that change with a commit, as far as there are any.
  private func checkout(of package: URL) -> [URL] {
    var git = package.appendingPathComponent(".git")
    // In a worktree it is a file that names the folder.
    if let text = try? String(contentsOf: git, encoding: .utf8), text.hasPrefix("gitdir: ") {
      let path = text.dropFirst(8).trimmingCharacters(in: .whitespacesAndNewlines)
      git = URL(fileURLWithPath: path, relativeTo: package)
    }
    return ["HEAD", "logs/HEAD", "index"].map { git.appendingPathComponent($0) }
      .filter { FileManager.default.fileExists(atPath: $0.path) }
  }

  /// What decides whether the program is that of the commit.
  private func sources(of package: URL) -> [URL] {
    let folder = package.appendingPathComponent("Sources")
    let files = FileManager.default.enumerator(
      at: folder, includingPropertiesForKeys: [.isRegularFileKey])
    let found = (files?.allObjects ?? []).compactMap { $0 as? URL }.filter {
      (try? $0.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile) == true
    }
    return [package.appendingPathComponent("Package.swift")] + found
  }
}
