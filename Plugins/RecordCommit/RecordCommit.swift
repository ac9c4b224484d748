// A build plugin that makes the commit of the checkout available to the program as a constant.

import Foundation
import PackagePlugin

/// Writes `Build.swift` if the checkout or a source has changed.
///
/// If the commit is the same as before, the file does not change, so the program is not rebuilt.
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

  /// The files of the Git repository that change with a commit; empty outside a checkout.
  private func checkout(of package: URL) -> [URL] {
    var git = package.appendingPathComponent(".git")
    // In a worktree, `.git` is a file that contains the path of the folder.
    if let text = try? String(contentsOf: git, encoding: .utf8), text.hasPrefix("gitdir: ") {
      let path = text.dropFirst(8).trimmingCharacters(in: .whitespacesAndNewlines)
      git = URL(fileURLWithPath: path, relativeTo: package)
    }
    return ["HEAD", "logs/HEAD", "index"].map { git.appendingPathComponent($0) }
      .filter { FileManager.default.fileExists(atPath: $0.path) }
  }

  /// The files that determine whether the sources differ from the commit.
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
