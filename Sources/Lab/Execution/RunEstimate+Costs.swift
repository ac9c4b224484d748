// The cost of a kind of run, from a few timed updates and one timed rank.

import Foundation
import ZerODatasets
import ZerOInitializers
import ZerOLinearAlgebra
import ZerOMeasurements
import ZerONetworks
import ZerOSpectra
import ZerOSymmetry
import ZerOTraining

extension RunEstimate {
  /// The time and memory of one kind of run.
  struct Costs {
    /// Seconds per update and per rank.
    let times: (update: Double, rank: Double)?

    /// The number of different ranks per layer and measurement.
    let ranks: Int

    /// Whether each measurement computes the spectrum of W − W₀, which all its quantities share.
    let measuresSpectrum: Bool

    /// The number of different spectra per layer and snapshot.
    let spectra: Int
    let bytes: Int

    init(of plan: TrainingPlan, on data: Dataset, _ initializers: InitializerCatalog) throws {
      let clock = ContinuousClock()
      let spectral = plan.quantities.filter(QuantityFromStart.isName)
      measuresSpectrum = !spectral.isEmpty
      let memory = Memory.available
      let architecture = plan.architecture(for: data)
      let initial = try Self.bytesOfStart(plan, architecture, initializers)
      let whole = initial + Self.bytes(plan, architecture.weightShapes, on: data)
      guard plan.symmetry == .reduced ? initial < memory : whole < memory else {
        (bytes, ranks, spectra, times) = (whole, 0, 0, nil)
        return
      }
      let initialNetwork: InitialNetwork<Float> = try plan.start(
        for: data, initializers: initializers)
      var network = NetworkQuotient(of: initialNetwork, symmetry: plan.symmetry).network
      // A change from the identity is measured on the reduced layer; W − I of other layers on the
      // whole layer.
      let isWhole =
        plan.symmetry == .reduced && !plan.quantities.isEmpty
        && !initialNetwork.layers[Architecture.firstMeasuredLayer].isIdentity
      let reduced = initial + Self.bytes(plan, network.layers.map(\.shape), on: data)
      bytes = isWhole ? max(reduced, whole) : reduced
      guard bytes < memory else {
        (ranks, spectra, times) = (0, 0, nil)
        return
      }
      var plan = plan
      plan.epochs = 1
      plan.measureEvery = 1_000_000_000
      let measured = Architecture.firstMeasuredLayer
      let square =
        isWhole ? architecture.weightShapes[measured] : network.layers[measured].shape
      // For a layer that starts from the identity, both ranks are the same.
      let isIdentity = initialNetwork.layers[Architecture.firstMeasuredLayer].isIdentity
      let others = plan.quantities.count - spectral.count
      ranks = isIdentity ? min(1, others) : others
      spectra = isIdentity ? 1 : 2

      var updates: [Double] = []
      var last = clock.now
      do {
        try train(&network, by: plan, on: data) { event, _, _ in
          guard case .reached = event else { return }
          updates.append(Double(last.duration(to: clock.now) / .seconds(1)))
          last = clock.now
          if updates.count >= 3, updates.reduce(0, +) > 0.3 { throw Enough() }
        }
      } catch is Enough {
      } catch is TrainingError {}  // the run diverges; the times so far suffice
      // The first update starts with a cold cache.
      updates = Array(updates.dropFirst(updates.count > 1 ? 1 : 0))
      let update = updates.isEmpty ? 0 : updates.reduce(0, +) / Double(updates.count)

      var rank = 0.0
      if ranks > 0 || measuresSpectrum {
        let dense = Matrix<Double>(rows: square.outputs, columns: square.inputs) { i, j in
          sin(Double(i * square.inputs + j + 1) * 12.9898) / Double(square.outputs).squareRoot()
        }
        let start = clock.now
        _ = try NumericalRank.count(of: dense, tolerance: NumericalRank.notebookTolerance)
        rank = Double(start.duration(to: clock.now) / .seconds(1))
      }
      times = (update, rank)
    }

    private struct Enough: Error {}

    /// The minimum memory of a run, in bytes; for a dense run, all of it.
    static func leastBytes(
      of plan: TrainingPlan, on data: Dataset, _ initializers: InitializerCatalog
    ) throws -> Int {
      let architecture = plan.architecture(for: data)
      let start = try bytesOfStart(plan, architecture, initializers)
      return plan.symmetry == .reduced
        ? start : start + bytes(plan, architecture.weightShapes, on: data)
    }

    /// The memory of the initial weights, which measurements need; identities take none.
    private static func bytesOfStart(
      _ plan: TrainingPlan, _ architecture: Architecture, _ initializers: InitializerCatalog
    ) throws -> Int {
      let rule = try initializers.entry(named: plan.initializer).initializer
      return architecture.weightShapes.filter { !rule.isIdentity($0) }
        .reduce(0) { $0 + 4 * $1.outputs * $1.inputs }
    }

    /// The memory of parameters, of the activations and gradients of a training and a test batch,
    /// and of a rank's matrices in double precision: the difference, its Gram matrix, the factors
    /// and their panels.
    private static func bytes(_ plan: TrainingPlan, _ shapes: [WeightShape], on data: Dataset)
      -> Int
    {
      let parameters = shapes.reduce(0) { $0 + $1.outputs * $1.inputs }
      let measured = shapes[Architecture.firstMeasuredLayer]
      let square = measured.outputs * measured.inputs
      let units = shapes.reduce(0) { $0 + $1.outputs + $1.inputs }
      let blocks = Matrix<Float>.blockCount(rows: measured.outputs)
      let batches =
        units * (min(plan.testBatchSize, data.test.count) + (2 + blocks) * plan.batchSize)
      let rank = plan.quantities.isEmpty ? 0 : 5 * 8 * square
      return 4 * (parameters + batches) + max(rank, 3 * 4 * parameters)
    }
  }
}
