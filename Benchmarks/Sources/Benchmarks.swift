// benchmarks: the speed of the package relative to the machine's peak. Speeds are ratios of two measurements that
// alternate in one process, since absolute times are unreliable on a shared machine.

import ArgumentParser
import Foundation
import ZerOLinearAlgebra
import ZerOParallelism

@main
struct Benchmarks: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "benchmarks",
    abstract: "Measure the speed of the package relative to the machine's peak.",
    subcommands: [Suite.self, RankOfFile.self, ConvolutionProducts.self],
    defaultSubcommand: Suite.self)

  static func main() async {
    // The same settings as zerolab.
    BLAS.restartOnSuitableKernel()
    Memory.keepFreed()
    await main(nil)
  }
}

/// Runs all benchmarks and prints a table; optionally writes JSON.
struct Suite: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "suite", abstract: "Measure kernels, updates, ranks, one epoch and loading.")

  @Option(help: "Write the results to this JSON file.")
  var json: String?

  @Flag(help: "Use small sizes and few repetitions, to test the benchmarks themselves.")
  var short = false

  func run() async throws {
    let cores = ProcessInfo.processInfo.activeProcessorCount
    let settings = Settings(
      cores: cores, repetitions: short ? 3 : 7,
      widths: short ? [64, 256] : [256, 512, 1024, 2048, 4096, 8192],
      rankWidths: short ? [64, 256] : [256, 512, 1024, 2048, 4096])
    print(
      "kernel \(ProductLibrary.current.kernel), \(cores) cores; each value is the median of "
        + "\(settings.repetitions) measurements, with minimum and maximum\n")
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
      blasKernel: ProductLibrary.current.kernel, blasLibrary: BLAS.library, cores: cores,
      date: Date().formatted(.iso8601),
      results: results)
    try encoder.encode(report).write(to: URL(fileURLWithPath: json))
  }
}

/// The contents of the JSON file.
struct Report: Codable {
  let blasKernel: String
  let blasLibrary: String
  let cores: Int
  let date: String
  let results: [Result]
}

/// The sizes and repetitions of the benchmarks.
struct Settings {
  let cores: Int
  let repetitions: Int
  let widths: [Int]
  let rankWidths: [Int]

  /// A pool of one thread and a pool with one thread per core.
  var pools: [WorkerPool] { Set([1, cores]).sorted().map { WorkerPool(threads: $0) } }
}

extension WorkerPool {
  /// The number of threads, as text.
  var label: String { threads == 1 ? "1 thread" : "\(threads) threads" }
}
