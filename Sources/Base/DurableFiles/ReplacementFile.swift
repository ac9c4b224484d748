// A file that is written piece after piece, for contents that don't fit into memory.

public import Foundation

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The new contents of a file, written beside it until they are whole.
///
/// Only `commit` puts them under the file's name. Contents that were not committed go away with this object; a
/// killed process leaves them beside the file, under a hidden name that ends in `.part`.
public final class ReplacementFile {
  private let target: URL
  private let part: URL
  private let handle: FileHandle
  private var isCommitted = false

  /// Begins a file.
  ///
  /// - Parameters:
  ///   - url: The file that will be there; its folder exists. Until `commit` it is what it was; its permissions are
  ///     kept.
  ///   - followingLinks: Whether a symbolic link stays one, and the file that it leads to is replaced; otherwise the
  ///     link itself is.
  /// - Throws: What the operating system says.
  public init(for url: URL, followingLinks: Bool = true) throws {
    target = followingLinks ? try Self.destination(of: url) : url
    // A name that no other has: processes on other machines may be replacing the same file.
    part = target.deletingLastPathComponent().appendingPathComponent(
      ".\(target.lastPathComponent).\(UUID())\(DurableFile.partEnding)")
    var status = stat()
    let isFile = unsafe lstat(target.path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    let permissions = isFile ? status.st_mode & 0o777 : nil
    let descriptor = unsafe open(
      part.path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, permissions ?? 0o666)
    guard descriptor >= 0 else { throw DurableFile.lastError }
    // What the process takes from new files' permissions; some file systems have none.
    if let permissions { _ = fchmod(descriptor, permissions) }
    handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
  }

  /// The file that a symbolic link leads to, or leads to nothing yet; else the file itself.
  private static func destination(of url: URL) throws -> URL {
    var url = url
    // As many as Linux follows.
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

  /// Writes the next bytes.
  ///
  /// - Throws: What the operating system says.
  public func append(_ bytes: some Collection<UInt8>) throws {
    try handle.write(contentsOf: Data(bytes))
  }

  /// Brings the contents to the disk and puts them under the file's name, in the place of what was there.
  ///
  /// - Throws: What the operating system says.
  public func commit() throws {
    try handle.synchronize()
    try DurableFile.move(part, to: target)
    isCommitted = true
  }
}
