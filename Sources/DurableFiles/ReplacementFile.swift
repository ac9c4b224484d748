// A file that is written piece after piece, for contents that don't fit into memory.

public import Foundation

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
  /// - Parameter url: The file that will be there; its folder exists. Until `commit` it is what it was.
  /// - Throws: What the operating system says.
  public init(for url: URL) throws {
    target = url
    // A name that no other has: processes on other machines may be replacing the same file.
    part = url.deletingLastPathComponent().appendingPathComponent(
      ".\(url.lastPathComponent).\(UUID())\(DurableFile.partEnding)")
    try Data().write(to: part, options: .withoutOverwriting)
    do {
      handle = try FileHandle(forWritingTo: part)
    } catch {
      try? FileManager.default.removeItem(at: part)
      throw error
    }
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
