// The process that started the program: the Python package asks for an end together with it.

import Foundation

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The process that started this one.
enum ParentProcess {
  /// Ends this process by SIGTERM soon after its parent, if the environment variable `ZEROLAB_PARENT` is the parent's
  /// process ID.
  static func follow() {
    let variable = ProcessInfo.processInfo.environment["ZEROLAB_PARENT"]
    guard let parent = variable.flatMap({ pid_t($0) }) else { return }
    Thread.detachNewThread {
      while getppid() == parent { usleep(200_000) }
      kill(getpid(), SIGTERM)
    }
  }
}
