// Locks: one process per run, and none in an experiment that is being moved aside. A lock names its holder.

import Foundation
import ZerODurableFiles
import ZerOMessages

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A lock on a folder, held until this value is destroyed.
///
/// It is a lock of the operating system on the file `.lock`, which ends with the process, so a crash leaves no lock. The
/// file stays, and names the latest holder (`LockHolder`).
public final class FolderLock: Sendable {
  private let descriptor: Int32
  private let path: String

  /// Locks a folder.
  ///
  /// - Parameters:
  ///   - folder: The folder; it is made if missing.
  ///   - isShared: Whether other shared locks are allowed at the same time.
  /// - Throws: `RecordError.locked` if another process holds the lock, `.unwritable` if the folder can't be
  ///   written, `.isLink`.
  init(_ folder: URL, isShared: Bool = false) throws(RecordError) {
    let file = folder.appendingPathComponent(".lock")
    path = file.path
    while true {
      try RecordFiles.makeFolder(folder)
      let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o644)
      guard descriptor >= 0 else {
        if errno == ENOENT { continue }  // moved aside after it was made
        throw .unwritable(file, DurableFile.lastError)
      }
      let wish = (isShared ? LOCK_SH : LOCK_EX) | LOCK_NB
      var isLocked = flock(descriptor, wish) == 0
      while !isLocked, errno == EINTR { isLocked = flock(descriptor, wish) == 0 }
      // File systems without locks are allowed.
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
      // The folder was moved aside between opening and locking, so this lock is of another folder.
      close(descriptor)
    }
  }

  /// Records the holder for readers; a failure has no consequence.
  private static func write(_ holder: LockHolder, to descriptor: Int32) {
    guard let text = try? RecordFiles.encoder().encode(holder) + Data("\n".utf8) else { return }
    let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: false)
    try? handle.truncate(atOffset: 0)
    try? handle.write(contentsOf: text)
  }

  /// Checks that the folder has not been moved or deleted.
  ///
  /// - Throws: `RecordError.gone`.
  public func checkPresence() throws(RecordError) {
    guard RecordFiles.isFile(descriptor, at: path) else {
      throw .gone(path: URL(fileURLWithPath: path).deletingLastPathComponent().path)
    }
  }

  deinit { close(descriptor) }
}

/// The process that last locked a folder, as recorded in `.lock`.
///
/// This is information for people; only the lock decides who may write. Reading it needs no lock, so readers never
/// block a writer.
public struct LockHolder: Codable, Equatable, Sendable {
  /// The name of the machine.
  public let host: String

  /// The process number on that machine.
  public let process: Int32

  /// This process.
  static var current: LockHolder {
    LockHolder(host: ProcessInfo.processInfo.hostName, process: getpid())
  }

  /// Whether the process still runs; `nil` on another machine, where this is unknown.
  public var isAlive: Bool? {
    guard host == ProcessInfo.processInfo.hostName, process > 0 else { return nil }
    return kill(process, 0) == 0 || errno == EPERM
  }
}

extension RunFolder {
  /// The process that last locked the folder; `nil` if none is recorded.
  public var lockHolder: LockHolder? {
    try? RecordFiles.readJSON(LockHolder.self, from: file(".lock"))
  }
}
