// Ranks of trained matrices: the count by inertia against the singular values, same matrix, same process.

import ArgumentParser
import Datasets
import Foundation
import LinearAlgebra
import Networks
import Parallelism
import Spectra
import Training

/// l3.weight − I after some updates from ZerO.
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
  var difference = Matrix<Double>(network.layers[Architecture.firstMeasuredLayer].weight)
  difference.subtractIdentity()
  return difference
}

/// Both ways to a rank, at every width.
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
    // The slow way takes minutes at the largest size; once is enough to compare with.
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
        name: "  its singular values, 1 thread", unit: "ms", value: Sample(slow.map { 1e3 * $0 })))
  }
  return results + exponents("n_h, of a rank", points)
}

/// A fast count that is not the slow one.
struct WrongCount: Error {
  let count: Int
  let expected: Int
}

/// One rank of a matrix that another program wrote, for comparisons between programs.
struct RankOfFile: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rank",
    abstract: "Time the rank of a square matrix of raw little-endian doubles: the median of seven."
  )

  @Argument(help: "n · n doubles, row after row.")
  var file: String

  func run() async throws {
    let bytes = try Data(contentsOf: URL(fileURLWithPath: file))
    let elements = unsafe bytes.withUnsafeBytes { buffer in
      unsafe ContiguousArray(buffer.bindMemory(to: Double.self))
    }
    let extent = Int(Double(elements.count).squareRoot())
    guard extent * extent == elements.count else {
      throw ValidationError(
        "\(file): \(bytes.count) bytes are no square matrix of doubles; write n · n of them")
    }
    let matrix = Matrix<Double>(rows: extent, columns: extent, elements: elements)
    let (rank, time) = try await WorkerPool(
      threads: ProcessInfo.processInfo.activeProcessorCount
    ).run { team in
      var rank = 0
      // The first finds neither memory nor threads ready, unlike all but one in a run.
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
