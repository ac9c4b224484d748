// Replaces a file with contents that are written in parts, because they do not fit into memory.

public import Foundation

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The new contents of a file, in a temporary file beside it until they are complete.
///
/// `commit` renames the temporary file. Without `commit`, the temporary file is deleted together with this object. A
/// killed process leaves it behind, with a hidden name that ends in `.part`.
public final class ReplacementFile {
  private let target: URL
  private let part: URL
  private let handle: FileHandle
  private var isCommitted = false

  /// Creates the temporary file.
  ///
  /// - Parameters:
  ///   - url: The file to create or replace, in an existing folder. It is unchanged until `commit` and keeps its
  ///     permissions.
  ///   - followingLinks: Whether to replace the target of a symbolic link; otherwise the link itself is replaced.
  /// - Throws: The error of the operating system.
  public init(for url: URL, followingLinks: Bool = true) throws {
    target = followingLinks ? try Self.destination(of: url) : url
    // A unique name: processes on other machines may replace the same file at the same time.
    part = target.deletingLastPathComponent().appendingPathComponent(
      ".\(target.lastPathComponent).\(UUID())\(DurableFile.partEnding)")
    var status = stat()
    let isFile = unsafe lstat(target.path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    let permissions = isFile ? status.st_mode & 0o777 : nil
    let descriptor = unsafe open(
      part.path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, permissions ?? 0o666)
    guard descriptor >= 0 else { throw DurableFile.lastError }
    // Restores the bits that the umask cleared. The result is ignored: some file systems have no permissions.
    if let permissions { _ = fchmod(descriptor, permissions) }
    handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
  }

  /// The target of a symbolic link, which may not exist yet; for any other file, the file itself.
  private static func destination(of url: URL) throws -> URL {
    var url = url
    // Linux follows at most 40 links.
    for _ in 0..<40 {
      guard
        let next = try? FileManager.default.destinationOfSymbolicLink(atPath: url.path)
      else { return url }
      let folder = next.hasPrefix("/") ? "" : url.deletingLastPathComponent().path + "/"
      url = URL(fileURLWithPath: folder + next)
    }
    throw POSIXError(.ELOOP)
  }

  deinit {
    try? handle.close()
    if !isCommitted { try? FileManager.default.removeItem(at: part) }
  }

  /// Appends bytes to the new contents.
  ///
  /// - Throws: The error of the operating system.
  public func append(_ bytes: some Collection<UInt8>) throws {
    try handle.write(contentsOf: Data(bytes))
  }

  /// Writes the contents to the disk (`fsync`) and replaces the file with them.
  ///
  /// - Throws: The error of the operating system.
  public func commit() throws {
    try handle.synchronize()
    try DurableFile.move(part, to: target)
    isCommitted = true
  }
}
