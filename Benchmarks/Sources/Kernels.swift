// The parts of an update besides its matrix products, one epoch, and loading.

import Foundation
import ZerODatasets
import ZerOLinearAlgebra
import ZerONetworks
import ZerOParallelism
import ZerOTraining

/// Measures elementwise kernels, in nanoseconds per element.
func kernels(_ settings: Settings) async throws -> [Result] {
  let (rows, samples) = (1024, 64)
  let elements = Double(rows * samples)
  let activations = Matrix<Float>(rows: rows, columns: samples) { i, j in
    max(0, Float((7 * i + 5 * j) % 11) - 5)
  }
  let bias = ContiguousArray<Float>(repeating: 0.01, count: rows)
  var matrix = activations

  func nanoseconds(_ name: String, per count: Double, _ body: () -> Void) -> Result {
    body()
    let times = (0..<settings.repetitions).map { _ in
      seconds { for _ in 0..<200 { body() } } / 200 / count * 1e9
    }
    return Result(name: name, unit: "ns per element", value: Sample(times))
  }

  let images = try LabeledImages(
    size: [28, 28], pixels: ContiguousArray(repeating: 7, count: 784 * samples),
    labels: ContiguousArray(repeating: 1, count: samples))
  let indices = Array(0..<samples)
  var batch = Matrix<Float>(repeating: 0, rows: 784, columns: samples)
  let logits = Matrix<Float>(rows: 10, columns: samples) { i, j in Float((3 * i + j) % 7) }
  var gradient = logits
  return [
    nanoseconds("bias and ReLU", per: elements) {
      matrix.writeRows { block in
        block.addToEachColumn(bias)
        block.applyReLU()
      }
    },
    nanoseconds("derivative of ReLU", per: elements) {
      matrix.writeRows { $0.maskGradient(ofReLU: activations) }
    },
    nanoseconds("row sums", per: elements) { _ = matrix.rowSums() },
    nanoseconds("conversion of pixels", per: Double(784 * samples)) {
      images.copyBatch(indices[...], into: &batch)
    },
    nanoseconds("loss and its gradient", per: Double(10 * samples)) {
      _ = SoftmaxCrossEntropy.loss(of: logits, labels: images.labels, gradient: &gradient)
    },
  ]
}

/// Measures one epoch of MNIST without measurements, on all cores.
func epoch(_ settings: Settings) async throws -> [Result] {
  let data = try Dataset.load("mnist")
  let width = settings.widths.count > 2 ? 1024 : 64
  var plan = TrainingPlan(initializer: "ZerO", width: width)
  plan.measureEvery = 1_000_000
  let chosen = plan
  let times = try await WorkerPool(threads: settings.cores).run { team in
    try (0..<3).map { _ in
      try seconds {
        var network: Network<Float> = try chosen.initialNetwork(for: data)
        try train(&network, by: chosen, on: data, team: team) { _, _, _ in }
      }
    }
  }
  return [
    Result(
      name:
        "epoch of MNIST with test pass, n_h = \(width), \(WorkerPool(threads: settings.cores).label)",
      unit: "s", value: Sample(times))
  ]
}

/// Measures loading MNIST: compressed files to images in memory.
func loading(_ settings: Settings) async throws -> [Result] {
  let times = try (0..<settings.repetitions).map { _ in
    try seconds { _ = try Dataset.load("mnist") }
  }
  return [Result(name: "MNIST, decompressed and verified", unit: "s", value: Sample(times))]
}
