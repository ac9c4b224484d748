// One process a run.

import Foundation
import Messages

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The right to write into a run's folder, until this value goes away.
///
/// A lock of the operating system on the file `.lock`: it ends with its process, however that ends, so a
/// crash leaves none behind. The file itself stays.
public final class RunLock: Sendable {
  private let descriptor: Int32

  /// Takes the lock.
  ///
  /// - Parameter folder: The run's folder; made if missing.
  /// - Throws: `RecordError.locked` when another process has it, `.unwritable` when the folder can't be
  ///   written.
  init(_ folder: URL) throws(RecordError) {
    let path = folder.appendingPathComponent(".lock").path
    do {
      try DurableFile.makeFolder(folder)
    } catch {
      throw .unwritable(path: folder.path, reason: systemReason(of: error))
    }
    let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw .unwritable(path: path, reason: systemReason(of: DurableFile.lastError))
    }
    var isLocked = flock(descriptor, LOCK_EX | LOCK_NB) == 0
    while !isLocked, errno == EINTR { isLocked = flock(descriptor, LOCK_EX | LOCK_NB) == 0 }
    // A file system without locks is no reason not to work on it.
    if !isLocked, ![ENOTSUP, ENOSYS, ENOLCK].contains(errno) {
      let error: RecordError =
        errno == EWOULDBLOCK
        ? .locked(path: folder.path)
        : .unwritable(path: path, reason: systemReason(of: DurableFile.lastError))
      close(descriptor)
      throw error
    }
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }
}
