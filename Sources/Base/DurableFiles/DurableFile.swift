// Writing so that neither a reader nor a power cut ever finds half a file.

public import Foundation

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Files replaced whole: written beside, brought to the disk, renamed, and the folder brought to the disk.
public enum DurableFile {
  /// Replaces a file.
  ///
  /// - Parameters:
  ///   - url: The file; its folder exists. It keeps its permissions. When this throws, it is what it was.
  ///   - bytes: The new contents.
  ///   - followingLinks: Whether a symbolic link stays one, and the file that it leads to is replaced; otherwise the
  ///     link itself is.
  /// - Throws: What the operating system says.
  public static func replace(
    _ url: URL, with bytes: some Collection<UInt8>, followingLinks: Bool = true
  ) throws {
    let replacement = try ReplacementFile(for: url, followingLinks: followingLinks)
    try replacement.append(bytes)
    try replacement.commit()
  }

  /// How the name of a file ends that isn't whole yet.
  static let partEnding = ".part"

  /// Makes a folder, and the folders that it lies in, for good.
  ///
  /// - Throws: What the operating system says.
  public static func makeFolder(_ folder: URL) throws {
    guard !FileManager.default.fileExists(atPath: folder.path) else { return }
    let parent = folder.deletingLastPathComponent()
    if parent.path != folder.path { try makeFolder(parent) }
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    // A parent that may be entered but not read can't be brought to the disk by us.
    try? synchronize(folder: parent)
  }

  /// Removes what a killed process had begun to write.
  ///
  /// - Parameter folder: Of which the caller is the only writer.
  public static func removeParts(in folder: URL) {
    let files = FileManager.default
    for url in (try? files.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)) ?? []
    where url.lastPathComponent.hasPrefix(".") && url.lastPathComponent.hasSuffix(partEnding) {
      try? files.removeItem(at: url)
    }
  }

  /// Renames a file, over another one if there is one, for good.
  ///
  /// - Throws: What the operating system says.
  public static func move(_ source: URL, to target: URL) throws {
    guard unsafe rename(source.path, target.path) == 0 else { throw lastError }
    try synchronize(folder: target.deletingLastPathComponent())
  }

  /// Brings a folder's names to the disk, if it may be read: one that may only be written to is left to the system.
  private static func synchronize(folder: URL) throws {
    let descriptor = unsafe open(folder.path, O_RDONLY)
    guard descriptor >= 0 else {
      if errno == EACCES { return }
      throw lastError
    }
    defer { close(descriptor) }
    // Some network file systems have no such call for a folder, and no need of it.
    guard fsync(descriptor) == 0 || errno == EINVAL else { throw lastError }
  }

  /// The error that a call of the operating system has just left.
  public static var lastError: POSIXError { POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
}
