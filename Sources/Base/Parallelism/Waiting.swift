// How a thread waits: by spinning for short waits, asleep for long ones.

import Foundation
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A spin wait with backoff: it polls at first, then yields the core between polls.
///
/// Waking a sleeping thread costs tens of microseconds. A training step has a dozen synchronization points in a few
/// milliseconds, so threads spin there.
struct SpinWait {
  private var spins = 0

  /// Waits briefly before the next poll.
  mutating func spin() {
    spins += 1
    if spins > Self.spinsBeforeYielding { sched_yield() }
  }

  /// Whether the wait has lasted so long, some hundred microseconds, that the thread should sleep.
  var shouldSleep: Bool { spins > Self.spinsBeforeSleeping }

  private static let spinsBeforeYielding = 1000
  private static let spinsBeforeSleeping = 2000
}

/// A signal that wakes threads that sleep until there is work.
final class WakeSignal: Sendable {
  private let condition = NSCondition()
  private let sleepers = Atomic<Int>(0)

  /// Wakes all sleeping threads; almost free if there are none.
  @Sendable func wakeAll() {
    guard sleepers.load(ordering: .sequentiallyConsistent) > 0 else { return }
    condition.lock()
    condition.broadcast()
    condition.unlock()
  }

  /// Puts the calling thread to sleep until the next `wakeAll()`, unless there is work already.
  ///
  /// - Parameter isIdle: Evaluated after this thread is registered as a sleeper, so a signal sent between the
  ///   caller's last check and the sleep is not lost.
  func sleep(while isIdle: () -> Bool) {
    condition.lock()
    sleepers.add(1, ordering: .sequentiallyConsistent)
    if isIdle() { condition.wait() }
    sleepers.subtract(1, ordering: .sequentiallyConsistent)
    condition.unlock()
  }
}
