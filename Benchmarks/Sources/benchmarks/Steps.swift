// One update of the notebook's network, forward to new weights, against the yardstick.

import Datasets
import Foundation
import Initializers
import LinearAlgebra
import Networks
import Parallelism
import Randomness
import Training

/// A network in training on images that don't change.
struct StepRunner: ~Copyable {
  fileprivate var network: Network<Float>
  fileprivate var workspace: Workspace<Float>
  private let labels: ContiguousArray<UInt8>
  private let images: LabeledImages
  private let batch: [Int]

  /// Floating-point operations of the products of one step.
  let operations: Double

  /// The notebook's network, with `depth` layers of n_h × n_h.
  init(width: Int, batchSize: Int = 64, depth: Int = 1, team: ThreadTeam) throws {
    let (pixels, classes) = (784, 10)
    let architecture = Architecture(
      inputDimension: pixels, width: width, classCount: classes, depth: depth)
    let shapes = architecture.weightShapes
    var streams = RandomStreams(seed: 1)
    let initializer = try InitializerCatalog.entry(named: "Random").initializer
    var layers: [DenseLayer<Float>] = []
    for (index, shape) in shapes.enumerated() {
      layers.append(
        DenseLayer(
          weight: Matrix<Float>(try initializer.weight(shape, using: &streams)),
          bias: ContiguousArray(repeating: 0.01, count: shape.outputs),
          activation: index == shapes.count - 1 ? .identity : .rectifiedLinear))
    }
    network = Network(layers: layers)
    workspace = Workspace(for: network, samples: batchSize, team: team)
    labels = ContiguousArray((0..<batchSize).map { UInt8($0 % classes) })
    // As many dark pixels as MNIST has, four of five.
    images = LabeledImages(
      size: [28, 28],
      pixels: ContiguousArray(
        (0..<batchSize * pixels).map { $0 % 5 == 0 ? UInt8(($0 * 37) % 256) : 0 }),
      labels: labels)
    batch = Array(0..<batchSize)
    operations = architecture.operationsPerSample * Double(batchSize)
  }

  /// One update, with everything that the training loop does for it.
  mutating func step() {
    images.copyBatch(batch[...], into: &workspace.activations[0], workspace.team)
    network.forward(&workspace)
    _ = workspace.takeLoss(labels: labels)
    // So small that the weights stay what they are, however often.
    SGD(learningRate: 1e-8).step(&network, &workspace)
  }
}

extension StepRunner {
  /// The products of one update, in their order and cut into the same blocks, and nothing else: what the BLAS
  /// library leaves possible.
  ///
  /// - Precondition: `step()` has been called before.
  mutating func productsAlone() {
    let rate: Float = 1e-12
    for (index, layer) in network.layers.enumerated() {
      let inputs = workspace.activations[index]
      workspace.activations[index + 1].writeRows(workspace.team) { rows in
        rows.multiply(layer.weight, by: inputs)
      }
    }
    for index in network.layers.indices.reversed() {
      let (gradient, inputs) = (workspace.gradients[index], workspace.activations[index])
      if index == 0 {
        network.layers[index].weight.writeRows(workspace.team) { rows in
          rows.multiply(gradient, by: inputs, transposingRight: true, alpha: -rate, beta: 1)
        }
      } else {
        network.layers[index].weight.writeRows(
          with: &workspace.inputGradientParts[index], workspace.team
        ) { rows, part in
          part.multiply(transposing: rows, by: gradient)
          rows.multiply(gradient, by: inputs, transposingRight: true, alpha: -rate, beta: 1)
        }
      }
    }
  }
}

/// What one configuration costs.
struct StepCost {
  /// Milliseconds, billions of operations a second, and shares of the yardstick in percent.
  let results: [Result]

  /// How long the products would take at the yardstick's speed, over the share: the time of a step, but
  /// for the drift of the machine's clock.
  let cost: Double
}

/// Times one configuration.
func measureStep(
  _ name: String, width: Int, batchSize: Int = 64, depth: Int = 1, pool: WorkerPool,
  repetitions: Int
) async throws -> StepCost {
  let (times, rates, shares, bounds, operations) = try await pool.run { team in
    var runner = try StepRunner(width: width, batchSize: batchSize, depth: depth, team: team)
    var yardstick = Yardstick()
    let count = max(1, Int(2e10 / runner.operations))
    runner.step()
    var (times, rates, shares, bounds): ([Double], [Double], [Double], [Double]) = ([], [], [], [])
    for _ in 0..<repetitions {
      // Before and after, since the clock of the machine drifts.
      let before = yardstick.rate()
      let time = seconds { for _ in 0..<count { runner.step() } } / Double(count)
      let products = seconds { for _ in 0..<count { runner.productsAlone() } } / Double(count)
      let peak = (before + yardstick.rate()) / 2 * Double(pool.threads)
      times.append(1e3 * time)
      rates.append(runner.operations / time / 1e9)
      shares.append(100 * runner.operations / time / 1e9 / peak)
      bounds.append(100 * runner.operations / products / 1e9 / peak)
    }
    return (times, rates, shares, bounds, runner.operations)
  }
  let share = Sample(shares)
  return StepCost(
    results: [
      Result(name: "\(name), \(pool.label)", unit: "ms", value: Sample(times)),
      Result(name: "  its rate", unit: "GFLOP/s", value: Sample(rates)),
      Result(name: "  its share of one core's sgemm 2048³, times threads", unit: "%", value: share),
      Result(name: "  the share of its products alone", unit: "%", value: Sample(bounds)),
    ], cost: operations / share.median)
}

/// One step at every width, on one thread and on all.
func steps(_ settings: Settings) async throws -> [Result] {
  var results: [Result] = []
  for pool in settings.pools {
    var points: [(Double, Double)] = []
    for width in settings.widths {
      let step = try await measureStep(
        "step, n_h = \(width)", width: width, pool: pool, repetitions: settings.repetitions)
      results += step.results
      points.append((Double(width), step.cost))
    }
    results += exponents(
      "n_h, \(pool.label)", points)
  }
  return results
}
