// Which file a path names, however it was typed: what is written must never be what is read.

import Foundation

extension TensorArchive {
  /// Whether a file is one of those that the tensors are read from: the one that was opened, or a part of a model
  /// in several.
  ///
  /// - Parameter path: A file that is to be written; there need be none.
  /// - Returns: What the paths say once links are followed.
  public func isRead(from path: String) -> Bool {
    let place = Self.place(path)
    return Self.place(self.path) == place
      || Set(tensors.map(\.path)).contains { Self.place($0) == place }
  }

  /// A path by which the same file is known however it was typed.
  private static func place(_ path: String) -> String {
    URL(fileURLWithPath: path).standardizedFileURL.resolvingSymlinksInPath().path
  }
}
