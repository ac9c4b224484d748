// Who is at work in a folder, for whoever only looks on.

import Foundation

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The process that last took a folder's lock, as it wrote itself down in `.lock`.
///
/// For people: whether a folder may be written is the lock's own affair. Looking at it takes no lock, so nobody
/// who looks on is ever in a writer's way.
public struct LockHolder: Codable, Equatable, Sendable {
  /// The name of its machine.
  public let host: String

  /// Its number there.
  public let process: Int32

  /// This process.
  static var current: LockHolder {
    LockHolder(host: ProcessInfo.processInfo.hostName, process: getpid())
  }

  /// Whether the process still runs; `nil` where that can't be known, on another machine.
  public var isAlive: Bool? {
    guard host == ProcessInfo.processInfo.hostName, process > 0 else { return nil }
    return kill(process, 0) == 0 || errno == EPERM
  }
}

extension RunFolder {
  /// Who last took the right to write here; `nil` where nobody did, or didn't say.
  public var lockHolder: LockHolder? {
    try? RecordFiles.readJSON(LockHolder.self, from: file(".lock"))
  }
}
