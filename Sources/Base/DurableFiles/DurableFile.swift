// Atomic and durable replacement of files: no reader ever sees half a file, even after a power failure.

public import Foundation

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Operations on files and folders that survive a power failure.
///
/// A file is replaced in four steps: write a temporary file, `fsync` it, rename it, and `fsync` the folder.
public enum DurableFile {
  /// Replaces the contents of a file and keeps its permissions.
  ///
  /// - Parameters:
  ///   - url: The file, in an existing folder. If this method throws, the file is unchanged.
  ///   - bytes: The new contents.
  ///   - followingLinks: Whether to replace the target of a symbolic link; otherwise the link itself is replaced.
  /// - Throws: The error of the operating system.
  public static func replace(
    _ url: URL, with bytes: some Collection<UInt8>, followingLinks: Bool = true
  ) throws {
    let replacement = try ReplacementFile(for: url, followingLinks: followingLinks)
    try replacement.append(bytes)
    try replacement.commit()
  }

  /// The suffix of a temporary file.
  static let partEnding = ".part"

  /// Creates a folder and its missing parents, durably.
  ///
  /// - Throws: The error of the operating system.
  public static func makeFolder(_ folder: URL) throws {
    guard !FileManager.default.fileExists(atPath: folder.path) else { return }
    let parent = folder.deletingLastPathComponent()
    if parent.path != folder.path { try makeFolder(parent) }
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    // `fsync` of a folder needs permission to read it, which may be missing.
    try? synchronize(folder: parent)
  }

  /// Removes the temporary files that a killed process left behind.
  ///
  /// - Parameter folder: A folder into which only the caller writes.
  public static func removeParts(in folder: URL) {
    let files = FileManager.default
    for url in (try? files.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)) ?? []
    where url.lastPathComponent.hasPrefix(".") && url.lastPathComponent.hasSuffix(partEnding) {
      try? files.removeItem(at: url)
    }
  }

  /// Renames a file durably and replaces an existing file of the new name.
  ///
  /// - Throws: The error of the operating system.
  public static func move(_ source: URL, to target: URL) throws {
    guard unsafe rename(source.path, target.path) == 0 else { throw lastError }
    try synchronize(folder: target.deletingLastPathComponent())
  }

  /// Calls `fsync` on a folder; does nothing if the process has no permission to read the folder.
  private static func synchronize(folder: URL) throws {
    let descriptor = unsafe open(folder.path, O_RDONLY)
    guard descriptor >= 0 else {
      if errno == EACCES { return }
      throw lastError
    }
    defer { close(descriptor) }
    // Some network file systems do not support `fsync` of a folder, and do not need it.
    guard fsync(descriptor) == 0 || errno == EINVAL else { throw lastError }
  }

  /// The error of the last system call, from `errno`.
  public static var lastError: POSIXError { POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
}
