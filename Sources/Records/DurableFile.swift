// Writing so that neither a reader nor a power cut ever finds half a file.

import Foundation

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Files replaced whole: written beside, brought to the disk, renamed, and the folder brought to the disk.
enum DurableFile {
  /// Replaces a file.
  ///
  /// - Parameters:
  ///   - url: The file; its folder exists. When this throws, it is what it was.
  ///   - bytes: The new contents.
  /// - Throws: What the operating system says.
  static func replace(_ url: URL, with bytes: some Collection<UInt8>) throws {
    // A name of this process, since others may be replacing the same file.
    let part = url.deletingLastPathComponent().appendingPathComponent(
      ".\(url.lastPathComponent).\(getpid()).part")
    do {
      try Data().write(to: part)
      let handle = try FileHandle(forWritingTo: part)
      defer { try? handle.close() }
      try handle.write(contentsOf: Data(bytes))
      try handle.synchronize()
    } catch {
      try? FileManager.default.removeItem(at: part)
      throw error
    }
    try move(part, to: url)
  }

  /// Renames a file, over another one if there is one, for good.
  static func move(_ source: URL, to target: URL) throws {
    guard unsafe rename(source.path, target.path) == 0 else { throw lastError }
    try synchronize(folder: target.deletingLastPathComponent())
  }

  /// Brings a folder's names to the disk.
  private static func synchronize(folder: URL) throws {
    let descriptor = unsafe open(folder.path, O_RDONLY)
    guard descriptor >= 0 else { throw lastError }
    defer { close(descriptor) }
    // Some network file systems have no such call for a folder, and no need of it.
    guard fsync(descriptor) == 0 || errno == EINVAL else { throw lastError }
  }

  /// The error that a call of the operating system has just left.
  static var lastError: POSIXError { POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
}
