// A fixed number of threads, each with a job of its own while there are enough jobs. A thread without a job helps the
// others, so no core idles while there is work to share.

import Foundation
import Synchronization
import ZerORequirements

/// A pool of threads that runs independent jobs.
///
/// Each job runs on one thread, which has the least overhead. When fewer jobs than threads remain, idle threads take
/// pieces of the work that the remaining jobs share through their `ThreadTeam`. The pool never uses more threads than
/// `threads`.
public struct WorkerPool: Sendable {
  /// The number of threads.
  public let threads: Int

  /// Creates a pool.
  ///
  /// Its threads exist only during a call of `run`.
  ///
  /// - Parameter threads: At least 1.
  public init(threads: Int) {
    require(threads > 0, "a pool needs at least 1 thread, not \(threads)")
    self.threads = threads
  }

  /// Runs jobs and returns when all have finished.
  ///
  /// Jobs start in order. After the first error no further job starts; running jobs continue to their end.
  ///
  /// - Parameter jobs: Each job receives the team that it may share its work with.
  /// - Throws: The first error that a job threw.
  public func run(_ jobs: [@Sendable (ThreadTeam) throws -> Void]) async throws {
    let workers = Workers(jobs: jobs, threads: threads)
    await withCheckedContinuation { continuation in
      workers.start { continuation.resume() }
    }
    if let error = workers.firstError { throw error }
  }

  /// Runs one job that may share its work with all threads of the pool.
  ///
  /// - Parameter job: Receives the team that it may share its work with.
  /// - Returns: The result of the job.
  /// - Throws: The error that the job threw.
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
      requirementFailure("the job neither returned nor threw")
    }
    return result
  }
}

/// The worker threads of one call of `run`.
private final class Workers: Sendable {
  private struct State {
    var nextJob = 0
    var running: Int
    var error: (any Error)?
  }

  private let jobs: [@Sendable (ThreadTeam) throws -> Void]
  private let slots: [TeamSlot]
  private let workSignal = WakeSignal()
  private let busy: Atomic<Int>
  private let state: Mutex<State>

  init(jobs: [@Sendable (ThreadTeam) throws -> Void], threads: Int) {
    self.jobs = jobs
    busy = Atomic(threads)
    state = Mutex(State(running: threads))
    slots = (0..<threads).map { [workSignal] _ in TeamSlot(wakeHelpers: workSignal.wakeAll) }
  }

  var firstError: (any Error)? { state.withLock { $0.error } }

  func start(whenDone: @escaping @Sendable () -> Void) {
    for slot in slots {
      let thread = Thread { [self] in
        work(on: slot)
        if state.withLock({
          $0.running -= 1
          return $0.running == 0
        }) {
          whenDone()
        }
      }
      // LAPACK needs more stack than the default of secondary threads, which may be 512 KiB.
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
    var spinWait = SpinWait()
    while isAnyBusy {
      if slots.contains(where: { $0.help() }) {
        spinWait = SpinWait()
      } else if spinWait.shouldSleep {
        workSignal.sleep { isAnyBusy && !slots.contains(where: \.isOpen) }
        spinWait = SpinWait()
      } else {
        spinWait.spin()
      }
    }
    workSignal.wakeAll()
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
