// How to wait for another core when it is nearly done.

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Waiting by looking again: at once at first, then giving the core away between looks.
///
/// A thread that sleeps takes tens of microseconds to wake, and a step of training has a dozen
/// meetings in a few milliseconds.
struct Patience {
  private var looks = 0

  /// Lets a little time pass.
  mutating func wait() {
    looks += 1
    if looks > Self.looksBeforeYielding { sched_yield() }
  }

  /// Whether it has been long enough to go to sleep: some hundred microseconds.
  var isExhausted: Bool { looks > Self.looksBeforeSleeping }

  private static let looksBeforeYielding = 1000
  private static let looksBeforeSleeping = 2000
}
