// How much of the machine a command takes.

import ArgumentParser
import Foundation
import Parallelism

/// The number of threads.
struct JobOptions: ParsableArguments {
  @Option(help: "Threads, and so runs at a time; by default, and at most, the number of cores.")
  var jobs: Int?

  func validate() throws {
    if let jobs, jobs < 1 { throw ValidationError("--jobs is \(jobs); it must be at least 1") }
  }

  /// The threads to work with.
  ///
  /// More than there are cores would wait for each other.
  var pool: WorkerPool {
    let cores = ProcessInfo.processInfo.activeProcessorCount
    return WorkerPool(threads: min(jobs ?? cores, cores))
  }
}
