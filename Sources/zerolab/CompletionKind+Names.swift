// What a shell offers where a name or a path may stand.

import ArgumentParser
import Foundation

extension CompletionKind {
  /// Known names, and paths: folders, and files with an ending.
  ///
  /// - Parameters:
  ///   - names: Asked for when the shell asks.
  ///   - fileExtension: What files end in; `nil` for folders alone.
  /// - Returns: A completion that the program computes.
  static func names(
    _ names: @autoclosure @escaping @Sendable () -> [String], orFiles fileExtension: String? = nil
  ) -> CompletionKind {
    .custom { _, _, word in
      let folder = word.lastIndex(of: "/").map { String(word[...$0]) } ?? ""
      let place = URL(fileURLWithPath: folder.isEmpty ? "." : folder)
      let found = try? FileManager.default.contentsOfDirectory(
        at: place, includingPropertiesForKeys: nil, options: .skipsHiddenFiles)
      let paths = (found ?? []).filter { url in
        url.hasDirectoryPath || (fileExtension != nil && url.pathExtension == fileExtension)
      }
      return names() + paths.map { folder + $0.lastPathComponent }.sorted()
    }
  }
}
