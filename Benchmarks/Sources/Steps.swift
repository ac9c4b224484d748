// One update of a network, from forward pass to new weights, relative to the reference speed.

import Foundation
import ZerODatasets
import ZerOInitializers
import ZerOLinearAlgebra
import ZerONetworks
import ZerOOptimizers
import ZerOParallelism
import ZerORandomness
import ZerOTraining

/// A network that trains on a fixed batch of images.
struct StepRunner: ~Copyable {
  private let network: NetworkInTraining<Float>
  private var workspace: Workspace<Float>
  private let labels: ContiguousArray<UInt8>
  private let images: LabeledImages
  private let batch: [Int]

  /// The number of floating-point operations in the matrix products of one update.
  let operations: Double

  /// Creates a network with random weights for images of 28 × 28.
  init(_ graph: ModelGraph, batchSize: Int, team: ThreadTeam) throws {
    let (pixels, classes) = (graph.inputs, graph.outputs)
    var streams = RandomStreams(seed: 1)
    let network = try Network<Float>(
      graph, initializer: InitializerCatalog.builtIn.entry(named: "Random").initializer,
      bias: 0.01, using: &streams)
    let labels = ContiguousArray((0..<batchSize).map { UInt8($0 % classes) })
    // Four of five pixels are zero, as in MNIST.
    let images = try LabeledImages(
      size: [28, 28],
      pixels: ContiguousArray(
        (0..<batchSize * pixels).map { $0 % 5 == 0 ? UInt8(($0 * 37) % 256) : 0 }),
      labels: labels)
    self.labels = labels
    self.images = images
    workspace = Workspace(for: network, samples: batchSize, team: team)
    self.network = NetworkInTraining(
      network, optimizer: SGD(), batchSizes: [batchSize], team: team)
    batch = Array(0..<batchSize)
    operations = graph.operationsPerSample * Double(batchSize)
  }

  /// Performs one update with all the work of the training loop.
  mutating func step() {
    images.copyBatch(batch[...], into: &workspace.activations[0], workspace.team)
    network.forward(&workspace)
    _ = workspace.computeLoss(labels: labels)
    // The learning rate is so small that the weights hardly change over many updates.
    network.step(rate: 1e-8, number: 1, &workspace)
  }
}

/// The cost of one configuration.
struct StepCost {
  /// Milliseconds, billions of operations per second, and percentages of the reference speed.
  let results: [Result]

  /// The number of operations divided by the fraction of the reference speed.
  ///
  /// It is proportional to the time of an update, corrected for drift of the machine's clock.
  let cost: Double
}

/// The reference notebook's network with some layers of n_h × n_h.
func notebook(width: Int, depth: Int = 1) -> ModelGraph {
  Model.notebook(inputDimension: 784, width: width, classCount: 10, depth: depth).graph
}

/// Measures one configuration.
func measureStep(
  _ name: String, of graph: ModelGraph, batchSize: Int = 64, pool: WorkerPool, repetitions: Int
) async throws -> StepCost {
  let (times, rates, fractions, operations) = try await pool.run { team in
    var runner = try StepRunner(graph, batchSize: batchSize, team: team)
    var reference = ReferenceProduct()
    let count = max(1, Int(2e10 / runner.operations))
    runner.step()
    var (times, rates, fractions): ([Double], [Double], [Double]) = ([], [], [])
    for _ in 0..<repetitions {
      // Measures the reference speed before and after, since the machine's clock drifts.
      let before = reference.rate()
      let time = seconds { for _ in 0..<count { runner.step() } } / Double(count)
      let peak = (before + reference.rate()) / 2 * Double(pool.threads)
      times.append(1e3 * time)
      rates.append(runner.operations / time / 1e9)
      fractions.append(100 * runner.operations / time / 1e9 / peak)
    }
    return (times, rates, fractions, runner.operations)
  }
  let fraction = Sample(fractions)
  return StepCost(
    results: [
      Result(name: "\(name), \(pool.label)", unit: "ms", value: Sample(times)),
      Result(name: "  speed", unit: "GFLOP/s", value: Sample(rates)),
      Result(
        name: "  relative to one core's sgemm 2048³, times threads", unit: "%", value: fraction),
    ], cost: operations / fraction.median)
}

/// Measures one update for every width, on one thread and on all cores.
func steps(_ settings: Settings) async throws -> [Result] {
  var results: [Result] = []
  for pool in settings.pools {
    var points: [(Double, Double)] = []
    for width in settings.widths {
      let step = try await measureStep(
        "update, n_h = \(width)", of: notebook(width: width), pool: pool,
        repetitions: settings.repetitions)
      results += step.results
      points.append((Double(width), step.cost))
    }
    results += exponents(
      "n_h, \(pool.label)", points)
  }
  return results
}
