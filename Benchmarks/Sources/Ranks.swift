// Ranks of trained matrices: the count by inertia compared with singular values, for the same matrix in the same
// process.

import ArgumentParser
import Foundation
import ZerODatasets
import ZerOLinearAlgebra
import ZerONetworks
import ZerOParallelism
import ZerOSpectra
import ZerOTraining

/// l3.weight − I after a number of updates from ZerO.
func trainedDifference(width: Int, updates: Int, on data: Dataset, team: ThreadTeam) throws
  -> Matrix<Double>
{
  struct Enough: Error {}
  var plan = TrainingPlan(initializer: "ZerO", width: width)
  plan.measureEvery = updates
  var network: Network<Float> = try plan.initialNetwork(for: data)
  do {
    try train(&network, by: plan, on: data, team: team) { event, _, _ in
      if case .step(let step) = event, step.step > 0 { throw Enough() }
    }
  } catch is Enough {}
  var difference = Matrix<Double>(network.layers[2].weight)
  difference.subtractIdentity()
  return difference
}

/// Measures both ways to compute a rank, for every width.
func ranks(_ settings: Settings) async throws -> [Result] {
  let data = try Dataset.load("mnist")
  var results: [Result] = []
  var points: [(Double, Double)] = []
  for width in settings.rankWidths {
    let all = WorkerPool(threads: settings.cores)
    let difference = try await all.run { team in
      try trainedDifference(
        width: width, updates: settings.widths.count > 2 ? 300 : 20, on: data, team: team)
    }
    let tolerance = NumericalRank.notebookTolerance
    var expected = 0
    // The singular values take minutes at the largest width, so large widths measure them once.
    let slow = try (0..<(width > 1024 ? 1 : 3)).map { _ in
      try seconds { expected = try NumericalRank(of: difference, tolerance: tolerance).rank }
    }
    for pool in settings.pools {
      let reference = expected
      let fast = try await pool.run { team in
        try (0..<settings.repetitions).map { _ in
          try seconds {
            let count = try NumericalRank.count(
              of: difference, tolerance: tolerance, team: team)
            guard count == reference else { throw WrongCount(count: count, expected: reference) }
          }
        }
      }
      results.append(
        Result(
          name: "rank \(expected) of a trained \(width) × \(width), \(pool.label)",
          unit: "ms", value: Sample(fast.map { 1e3 * $0 })))
      if pool.threads == settings.cores {
        points.append((Double(width), fast.sorted()[fast.count / 2]))
      }
    }
    results.append(
      Result(
        name: "  singular values, 1 thread", unit: "ms", value: Sample(slow.map { 1e3 * $0 })))
  }
  return results + exponents("n_h, of a rank", points)
}

/// The error for a count by inertia that differs from the number of singular values above the tolerance.
struct WrongCount: Error {
  let count: Int
  let expected: Int
}

/// Measures the rank of a matrix that another program wrote, to compare programs.
struct RankOfFile: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rank",
    abstract: "Print the rank of a square matrix and its median time of seven measurements."
  )

  @Argument(help: "A file of n · n raw little-endian doubles in row-major order.")
  var file: String

  func run() async throws {
    let bytes = try Data(contentsOf: URL(fileURLWithPath: file))
    let elements = unsafe bytes.withUnsafeBytes { buffer in
      unsafe ContiguousArray(buffer.bindMemory(to: Double.self))
    }
    let size = Int(Double(elements.count).squareRoot())
    guard size * size == elements.count else {
      throw ValidationError(
        "\(file): \(bytes.count) bytes are not a square matrix of doubles; write n · n doubles")
    }
    let matrix = Matrix<Double>(rows: size, columns: size, elements: elements)
    let (rank, time) = try await WorkerPool(
      threads: ProcessInfo.processInfo.activeProcessorCount
    ).run { team in
      var rank = 0
      // The first measurement is dropped: it allocates memory and starts threads, which a run does once.
      let times = try (0..<8).map { _ in
        try seconds {
          rank = try NumericalRank.count(
            of: matrix, tolerance: NumericalRank.notebookTolerance, team: team)
        }
      }
      return (rank, Sample(Array(times.dropFirst())).median)
    }
    print("\(rank) \(time)")
  }
}
