// The growth of an update's cost with width, depth and batch size.

import Foundation
import ZerOLinearAlgebra
import ZerONetworks
import ZerOParallelism
import ZerOTraining

/// Measures updates for several depths and batch sizes, and of residual networks also for several widths, and fits exponents.
func growth(_ settings: Settings) async throws -> [Result] {
  let all = WorkerPool(threads: settings.cores)
  let isShort = settings.widths.count <= 2
  func measured(
    _ variable: String, _ sizes: [Int], _ name: (Int) -> String,
    _ network: (Int) throws -> (graph: ModelGraph, batchSize: Int)
  ) async throws -> [Result] {
    var (results, points): ([Result], [(Double, Double)]) = ([], [])
    for size in sizes {
      let (graph, batchSize) = try network(size)
      let step = try await measureStep(
        "update, \(name(size))", of: graph, batchSize: batchSize, pool: all,
        repetitions: settings.repetitions)
      results += step.results
      points.append((Double(size), step.cost))
    }
    return results + exponents(variable, points)
  }
  let width = isShort ? 64 : 1024
  let (channels, batch) = isShort ? (4, 8) : (16, 128)
  return try await measured(
    "the number of square layers", [1, 2, 4, 8], { "n_h = \(width), square layers: \($0)" },
    { (notebook(width: width, depth: $0), 64) })
    + measured(
      "the batch size", [16, 32, 64, 128, 256, 512], { "n_h = \(width), batch size \($0)" },
      { (notebook(width: width), $0) })
    + measured(
      "the channels of a residual network", [1, 2, 4, 8].map { $0 * channels / 2 },
      { "resnet20, batch \(batch), channels \($0)" },
      { (try residual(layers: 20, channels: $0), batch) })
    + measured(
      "the layers of a residual network", [20, 32, 56],
      { "resnet\($0), batch \(batch)" },
      { (try residual(layers: $0, channels: channels), batch) })
    + measured(
      "the batch size of a residual network", [1, 2, 4, 8].map { $0 * batch / 4 },
      { "resnet20, batch size \($0)" },
      { (try residual(layers: 20, channels: channels), $0) })
}

/// A residual network for images of 28 × 28 with three stages, the second and third of twice and four times the channels.
private func residual(layers: Int, channels: Int) throws -> ModelGraph {
  var plan = TrainingPlan(initializer: "Random", width: channels)
  plan.model = "resnet\(layers)"
  return try plan.model(input: ValueShape(units: 1, height: 28, width: 28), classCount: 10).graph
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
