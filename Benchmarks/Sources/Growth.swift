// The growth of an update's cost with depth and batch size.

import Foundation
import ZerOParallelism

/// Measures updates for several depths and batch sizes, and fits exponents.
func growth(_ settings: Settings) async throws -> [Result] {
  let (all, width) = (WorkerPool(threads: settings.cores), settings.widths.count > 2 ? 1024 : 64)
  var results: [Result] = []
  var points: [(Double, Double)] = []
  for depth in [1, 2, 4, 8] {
    let step = try await measureStep(
      "update, n_h = \(width), square layers: \(depth)", width: width, depth: depth, pool: all,
      repetitions: settings.repetitions)
    results += step.results
    points.append((Double(depth), step.cost))
  }
  results += exponents("the number of square layers", points)
  points = []
  for size in [16, 32, 64, 128, 256, 512] {
    let step = try await measureStep(
      "update, n_h = \(width), batch size \(size)", width: width, batchSize: size, pool: all,
      repetitions: settings.repetitions)
    results += step.results
    points.append((Double(size), step.cost))
  }
  return results + exponents("the batch size", points)
}

/// The exponent p of cost ~ xᵖ, fitted to all points by least squares on logarithms, and between neighboring points.
///
/// A change between neighboring exponents shows where another resource begins to limit the speed.
func exponents(_ variable: String, _ points: [(x: Double, y: Double)]) -> [Result] {
  let logarithms = points.map { (log($0.x), log($0.y)) }
  let count = Double(points.count)
  let meanX = logarithms.map(\.0).reduce(0, +) / count
  let meanY = logarithms.map(\.1).reduce(0, +) / count
  let covariance = logarithms.reduce(0) { $0 + ($1.0 - meanX) * ($1.1 - meanY) }
  let slope = covariance / logarithms.reduce(0) { $0 + ($1.0 - meanX) * ($1.0 - meanX) }
  let steps = zip(zip(points, points.dropFirst()), zip(logarithms, logarithms.dropFirst()))
  return [Result(name: "exponent in \(variable)", unit: "", value: Sample([slope]))]
    + steps.map { ends, logarithms in
      Result(
        name: "  from \(Int(ends.0.x)) to \(Int(ends.1.x))", unit: "",
        value: Sample([(logarithms.1.1 - logarithms.0.1) / (logarithms.1.0 - logarithms.0.0)]))
    }
}
