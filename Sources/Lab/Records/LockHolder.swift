// The process that is writing to a folder, for readers.

import Foundation

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

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
