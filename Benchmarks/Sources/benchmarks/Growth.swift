// How the cost of a step grows with the size of the question.

import Foundation
import Parallelism

/// Steps against depth, batch size and threads, and the exponents that fit them.
func growth(_ settings: Settings) async throws -> [Result] {
  let (all, width) = (WorkerPool(threads: settings.cores), settings.widths.count > 2 ? 1024 : 64)
  var results: [Result] = []

  func series(
    _ what: String, _ values: [Int], _ measure: (Int) async throws -> [Result]
  ) async throws {
    var points: [(Double, Double)] = []
    for value in values {
      let found = try await measure(value)
      results += found
      points.append((Double(value), found[0].value.median))
    }
    results.append(
      Result(
        name: "  exponent of the time of a step in \(what)", unit: "",
        value: Sample([exponent(points)])))
  }

  try await series("n_h", settings.widths) { value in
    Array(
      try await measureStep(
        "step, n_h = \(value)", width: value, pool: all, repetitions: settings.repetitions
      ).prefix(1))
  }
  try await series("the number of n_h × n_h layers", [1, 2, 4, 8]) { depth in
    Array(
      try await measureStep(
        "step, n_h = \(width), \(depth) square layers", width: width, depth: depth, pool: all,
        repetitions: settings.repetitions
      ).prefix(1))
  }
  try await series("the batch size", [16, 32, 64, 128, 256, 512]) { size in
    try await measureStep(
      "step, n_h = \(width), batches of \(size)", width: width, batchSize: size, pool: all,
      repetitions: settings.repetitions)
  }
  return results
}

/// The slope of the straight line through the logarithms, by least squares.
func exponent(_ points: [(x: Double, y: Double)]) -> Double {
  let logarithms = points.map { (log($0.x), log($0.y)) }
  let count = Double(points.count)
  let meanX = logarithms.map(\.0).reduce(0, +) / count
  let meanY = logarithms.map(\.1).reduce(0, +) / count
  let covariance = logarithms.reduce(0) { $0 + ($1.0 - meanX) * ($1.1 - meanY) }
  return covariance / logarithms.reduce(0) { $0 + ($1.0 - meanX) * ($1.0 - meanX) }
}
