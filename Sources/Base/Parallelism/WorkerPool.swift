// As many threads as cores, each with a job of its own as long as there are enough jobs. A thread that
// finds no further job helps the others with theirs, so no core is idle while there is work to share.

import Foundation
import Synchronization

/// Carries out independent jobs on a fixed number of threads.
///
/// With more jobs than threads each job has a thread to itself, the least overhead there is; towards
/// the end, and with one job from the beginning, idle threads take pieces of what the remaining jobs
/// share through their `ThreadTeam`. There are never more busy threads than the pool has.
public struct WorkerPool: Sendable {
  /// The number of threads.
  public let threads: Int

  /// Describes a pool; threads are started by `run` and end with it.
  ///
  /// - Parameter threads: At least 1.
  public init(threads: Int) {
    precondition(threads > 0, "a pool of \(threads) threads")
    self.threads = threads
  }

  /// Carries out jobs, begun in their order, and returns when all have ended.
  ///
  /// After the first error no further job is begun; those under way go on to their end.
  ///
  /// - Parameter jobs: Each gets the team that it may share its work with.
  /// - Throws: The first error that a job threw.
  public func run(_ jobs: [@Sendable (ThreadTeam) throws -> Void]) async throws {
    let crowd = Crowd(jobs: jobs, threads: threads)
    await withCheckedContinuation { continuation in
      crowd.start { continuation.resume() }
    }
    if let error = crowd.firstError { throw error }
  }

  /// Carries out one job, with every thread of the pool at its service.
  ///
  /// - Parameter job: Gets the team that it may share its work with.
  /// - Returns: What the job returned.
  /// - Throws: What the job threw.
  public func run<Result: Sendable>(_ job: @escaping @Sendable (ThreadTeam) throws -> Result)
    async throws -> Result
  {
    let outcome = Mutex<Result?>(nil)
    try await run([
      { team in
        let result = try job(team)
        outcome.withLock { $0 = result }
      }
    ])
    guard let result = outcome.withLock({ $0 }) else {
      preconditionFailure("a job that neither returned nor threw")
    }
    return result
  }
}

/// The threads of one call of `run`.
private final class Crowd: Sendable {
  private struct State {
    var nextJob = 0
    var living: Int
    var error: (any Error)?
  }

  private let jobs: [@Sendable (ThreadTeam) throws -> Void]
  private let slots: [TeamSlot]
  private let bell = Bell()
  private let busy: Atomic<Int>
  private let state: Mutex<State>

  init(jobs: [@Sendable (ThreadTeam) throws -> Void], threads: Int) {
    self.jobs = jobs
    busy = Atomic(threads)
    state = Mutex(State(living: threads))
    slots = (0..<threads).map { [bell] _ in TeamSlot(wakeHelpers: bell.ring) }
  }

  var firstError: (any Error)? { state.withLock { $0.error } }

  func start(whenDone: @escaping @Sendable () -> Void) {
    for slot in slots {
      let thread = Thread { [self] in
        work(on: slot)
        if state.withLock({
          $0.living -= 1
          return $0.living == 0
        }) {
          whenDone()
        }
      }
      // LAPACK's panels and Swift's own frames; the default of a secondary thread may be half a MiB.
      thread.stackSize = 8 << 20
      thread.start()
    }
  }

  private func work(on slot: TeamSlot) {
    while let job = takeJob() {
      do { try job(ThreadTeam(slot: slot)) } catch {
        state.withLock { if $0.error == nil { $0.error = error } }
      }
    }
    busy.subtract(1, ordering: .sequentiallyConsistent)
    var patience = Patience()
    while isAnyBusy {
      if slots.contains(where: { $0.help() }) {
        patience = Patience()
      } else if patience.isExhausted {
        bell.sleep { isAnyBusy && !slots.contains(where: \.isOpen) }
        patience = Patience()
      } else {
        patience.wait()
      }
    }
    bell.ring()
  }

  private var isAnyBusy: Bool { busy.load(ordering: .sequentiallyConsistent) > 0 }

  private func takeJob() -> (@Sendable (ThreadTeam) throws -> Void)? {
    state.withLock { state in
      guard state.error == nil, state.nextJob < jobs.count else { return nil }
      state.nextJob += 1
      return jobs[state.nextJob - 1]
    }
  }
}

/// Wakes threads that have found nothing to do for a while.
private final class Bell: Sendable {
  private let condition = NSCondition()
  private let sleepers = Atomic<Int>(0)

  /// Wakes all sleepers; almost free when there is none.
  @Sendable func ring() {
    guard sleepers.load(ordering: .sequentiallyConsistent) > 0 else { return }
    condition.lock()
    condition.broadcast()
    condition.unlock()
  }

  /// Sleeps until the next ring, unless what there was to wait for has come meanwhile.
  ///
  /// - Parameter isIdle: Asked once more after this thread counts as a sleeper, so that no ring
  ///   between the last look and the sleep is missed.
  func sleep(while isIdle: () -> Bool) {
    condition.lock()
    sleepers.add(1, ordering: .sequentiallyConsistent)
    if isIdle() { condition.wait() }
    sleepers.subtract(1, ordering: .sequentiallyConsistent)
    condition.unlock()
  }
}
