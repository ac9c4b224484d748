// One process a run, and nobody at an experiment that is moved away.

import DurableFiles
import Foundation
import Messages

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The right to write into a folder, until this value goes away.
///
/// A lock of the operating system on the file `.lock`: it ends with its process, however that ends, so a
/// crash leaves none behind. The file itself stays, and names who had the lock last (`LockHolder`).
public final class FolderLock: Sendable {
  private let descriptor: Int32
  private let path: String

  /// Takes the lock.
  ///
  /// - Parameters:
  ///   - folder: Made if missing.
  ///   - isShared: Whether others may have it too, if they share it.
  /// - Throws: `RecordError.locked` when another process has it, `.unwritable` when the folder can't be
  ///   written, `.isLink`.
  init(_ folder: URL, isShared: Bool = false) throws(RecordError) {
    let file = folder.appendingPathComponent(".lock")
    path = file.path
    while true {
      try RecordFiles.makeFolder(folder)
      let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o644)
      guard descriptor >= 0 else {
        if errno == ENOENT { continue }  // moved aside since it was made
        throw .unwritable(file, DurableFile.lastError)
      }
      let wish = (isShared ? LOCK_SH : LOCK_EX) | LOCK_NB
      var isLocked = flock(descriptor, wish) == 0
      while !isLocked, errno == EINTR { isLocked = flock(descriptor, wish) == 0 }
      // A file system without locks is no reason not to work on it.
      if !isLocked, ![ENOTSUP, ENOSYS, ENOLCK].contains(errno) {
        let error: RecordError =
          errno == EWOULDBLOCK
          ? .locked(path: folder.path)
          : .unwritable(path: path, reason: systemReason(of: DurableFile.lastError))
        close(descriptor)
        throw error
      }
      if RecordFiles.isFile(descriptor, at: path) {
        self.descriptor = descriptor
        if !isShared { Self.write(.current, to: descriptor) }
        return
      }
      // The folder was moved aside between opening and locking: that lock is no longer the one.
      close(descriptor)
    }
  }

  /// Says who has the lock, for whoever looks on; where that can't be written nothing is lost.
  private static func write(_ holder: LockHolder, to descriptor: Int32) {
    guard let text = try? RecordFiles.encoder().encode(holder) + Data("\n".utf8) else { return }
    let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: false)
    try? handle.truncate(atOffset: 0)
    try? handle.write(contentsOf: text)
  }

  /// Looks whether the folder is still where it was.
  ///
  /// - Throws: `RecordError.gone`.
  public func checkPresence() throws(RecordError) {
    guard RecordFiles.isFile(descriptor, at: path) else {
      throw .gone(path: URL(fileURLWithPath: path).deletingLastPathComponent().path)
    }
  }

  deinit { close(descriptor) }
}
