import Synchronization
import Testing
import ZerOParallelism

@Suite struct WorkerPoolTests {
  private struct Failure: Error, Equatable {
    let job: Int
  }

  @Test(arguments: [1, 2, 5], [0, 1, 2, 7, 1000])
  func `every piece runs exactly once`(threads: Int, count: Int) async throws {
    try await WorkerPool(threads: threads).run { team in
      for _ in 0..<20 {
        let times = Mutex([Int](repeating: 0, count: count))
        team.share(count) { index in times.withLock { $0[index] += 1 } }
        team.share(count, order: .fromBothEnds) { index in times.withLock { $0[index] += 1 } }
        #expect(times.withLock { $0.allSatisfy { $0 == 2 } })
      }
    }
  }

  @Test func `more pieces than a slot holds are shared too`() async throws {
    try await WorkerPool(threads: 2).run { team in
      let times = Mutex([UInt8](repeating: 0, count: 140_000))
      team.share(140_000, order: .fromBothEnds) { index in times.withLock { $0[index] += 1 } }
      #expect(times.withLock { $0.allSatisfy { $0 == 1 } })
    }
  }

  @Test func `a team of one thread works in order`() {
    let order = Mutex<[Int]>([])
    ThreadTeam.alone.share(5) { index in order.withLock { $0.append(index) } }
    #expect(order.withLock { $0 } == [0, 1, 2, 3, 4])
  }

  @Test func `from both ends, a helper starts with the last piece`() async throws {
    try await WorkerPool(threads: 2).run { team in
      let lastBegun = Atomic(false)
      let timeouts = Atomic<Int>(0)
      team.share(4, order: .fromBothEnds) { index in
        if index == 3 { return lastBegun.store(true, ordering: .sequentiallyConsistent) }
        // With the order inTurn, both threads would wait for a piece that no thread is free to take.
        let deadline = ContinuousClock.now + .seconds(20)
        while !lastBegun.load(ordering: .sequentiallyConsistent) {
          if ContinuousClock.now > deadline {
            timeouts.add(1, ordering: .relaxed)
            return
          }
        }
      }
      #expect(timeouts.load(ordering: .relaxed) == 0)
    }
  }

  @Test(arguments: [1, 3]) func `every job runs, even if there are more jobs than threads`(
    threads: Int
  )
    async throws
  {
    let done = Mutex<Set<Int>>([])
    try await WorkerPool(threads: threads).run(
      (0..<10).map { job in
        { team in
          team.share(4) { _ in }
          done.withLock { _ = $0.insert(job) }
        }
      })
    #expect(done.withLock { $0 } == Set(0..<10))
  }

  // Without a helper the test waits forever and fails by its time limit.
  @Test(.timeLimit(.minutes(1))) func `a thread without a job helps a busy one`() async throws {
    // Two pieces that wait for each other finish only on two threads.
    try await WorkerPool(threads: 2).run { team in
      let arrived = Atomic<Int>(0)
      team.share(2) { _ in
        arrived.add(1, ordering: .sequentiallyConsistent)
        while arrived.load(ordering: .sequentiallyConsistent) < 2 {}
      }
    }
  }

  @Test(.timeLimit(.minutes(1))) func `sleeping helpers are woken`() async throws {
    try await WorkerPool(threads: 3).run { team in
      for _ in 0..<3 {
        // Long enough for the other threads to fall asleep.
        let start = ContinuousClock.now
        while ContinuousClock.now - start < .milliseconds(30) {}
        let arrived = Atomic<Int>(0)
        team.share(3) { _ in
          arrived.add(1, ordering: .sequentiallyConsistent)
          while arrived.load(ordering: .sequentiallyConsistent) < 3 {}
        }
      }
    }
  }

  @Test func `the first error is thrown, and no further job starts`() async {
    let started = Mutex<[Int]>([])
    await #expect(throws: Failure(job: 1)) {
      try await WorkerPool(threads: 1).run(
        (0..<4).map { job in
          { _ in
            started.withLock { $0.append(job) }
            if job == 1 { throw Failure(job: job) }
          }
        })
    }
    #expect(started.withLock { $0 } == [0, 1])
  }

  @Test func `an error does not disturb what another job shares`() async {
    let pieces = Atomic<Int>(0)
    await #expect(throws: Failure(job: 1)) {
      try await WorkerPool(threads: 2).run([
        { team in
          for _ in 0..<2000 {
            team.share(3) { _ in pieces.add(1, ordering: .relaxed) }
          }
        },
        { _ in throw Failure(job: 1) },
      ])
    }
    #expect(pieces.load(ordering: .relaxed) == 6000)
  }

  @Test func `a pool finishes without jobs and with fewer jobs than threads`() async throws {
    try await WorkerPool(threads: 2).run([])
    try await WorkerPool(threads: 4).run([{ team in team.share(2) { _ in } }])
  }

  @Test func `run returns the result of a single job or throws its error`() async throws {
    #expect(try await WorkerPool(threads: 2).run { _ in 42 } == 42)
    await #expect(throws: Failure(job: 0)) {
      try await WorkerPool(threads: 2).run { _ -> Int in throw Failure(job: 0) }
    }
  }
}
