// benchmarks: how fast the package is, against what the machine can do. Speeds are ratios of two things
// measured in turn in one process; seconds alone say little on a machine that others use too.

import ArgumentParser
import Foundation
import LinearAlgebra
import Parallelism

@main
struct Benchmarks: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "benchmarks",
    abstract: "How fast the package is, against what the machine can do.",
    subcommands: [Suite.self, RankOfFile.self], defaultSubcommand: Suite.self)

  static func main() async {
    // As zerolab does.
    BLAS.restartOnSuitableKernel()
    Memory.keepFreed()
    await main(nil)
  }
}

/// Everything, as a table and as JSON.
struct Suite: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "suite", abstract: "Kernels, steps, ranks, an epoch and loading.")

  @Option(help: "Write the results to this file as JSON.")
  var json: String?

  @Flag(help: "Small sizes and few repetitions: that everything works, not how fast it is.")
  var short = false

  func run() async throws {
    let cores = ProcessInfo.processInfo.activeProcessorCount
    let settings = Settings(
      cores: cores, repetitions: short ? 3 : 7,
      widths: short ? [64, 256] : [256, 512, 1024, 2048, 4096, 8192],
      rankWidths: short ? [64, 256] : [256, 512, 1024, 2048, 4096])
    print(
      "OpenBLAS kernel \(BLAS.kernel), \(cores) cores; each figure is the median of "
        + "\(settings.repetitions), with the smallest and the largest\n")
    var results: [Result] = []
    for benchmark in [peak, kernels, steps, growth, epoch, ranks, loading] {
      let found = try await benchmark(settings)
      for result in found { print(result.line) }
      print()
      results += found
    }
    guard let json else { return }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    let report = Report(
      blasKernel: BLAS.kernel, blasLibrary: BLAS.library, cores: cores,
      date: Date().formatted(.iso8601),
      results: results)
    try encoder.encode(report).write(to: URL(fileURLWithPath: json))
  }
}

/// What is written as JSON.
struct Report: Codable {
  let blasKernel: String
  let blasLibrary: String
  let cores: Int
  let date: String
  let results: [Result]
}

/// How much is measured.
struct Settings {
  let cores: Int
  let repetitions: Int
  let widths: [Int]
  let rankWidths: [Int]

  /// One thread, and all of them.
  var pools: [WorkerPool] { Set([1, cores]).sorted().map { WorkerPool(threads: $0) } }
}

extension WorkerPool {
  /// How many threads, in words.
  var label: String { threads == 1 ? "1 thread" : "\(threads) threads" }
}
