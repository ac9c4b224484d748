// The cost of a kind of run, from a few timed updates and one timed rank.

import Foundation
import ZerODatasets
import ZerOInitializers
import ZerOLinearAlgebra
import ZerOMeasurements
import ZerONetworks
import ZerOOptimizers
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
      let model = try plan.model(for: data)
      let graph = model.graph
      let initial = try Self.bytesOfStart(plan, model, initializers)
      let whole = initial + Self.bytes(plan, graph, on: data)
      guard plan.symmetry == .reduced ? initial < memory : whole < memory else {
        (bytes, ranks, spectra, times) = (whole, 0, 0, nil)
        return
      }
      let start: InitialNetwork<Float> = try plan.start(
        for: data, initializers: initializers)
      var network = NetworkQuotient(of: start, symmetry: plan.symmetry).network
      let names = Set(plan.measuredWeights)
      let measured = graph.weights.filter { names.contains(graph.parameters[$0].name) }
      // A change from the identity is measured on the reduced layer; W − I of other layers on the
      // whole layer.
      let isIdentity =
        plan.weightDecay == 0 && measured.allSatisfy { start.parameters[$0].isIdentity }
      let isWhole =
        plan.symmetry == .reduced && !plan.quantities.isEmpty && !isIdentity
      let reduced = initial + Self.bytes(plan, network.graph, on: data)
      bytes = isWhole ? max(reduced, whole) : reduced
      guard bytes < memory else {
        (ranks, spectra, times) = (0, 0, nil)
        return
      }
      var plan = plan
      plan.epochs = 1
      plan.measureEvery = 1_000_000_000
      let shapes = (isWhole ? graph : network.graph).parameters
      let square = measured.map { shapes[$0] }.max { $0.rows * $0.columns < $1.rows * $1.columns }
      // For layers that start from the identity, both ranks are the same. Quantities of the signal cost little.
      let others = plan.quantities.count {
        !QuantityFromStart.isName($0) && !SignalQuantity.isName($0)
      }
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
      if ranks > 0 || measuresSpectrum, let square {
        let dense = Matrix<Double>(rows: square.rows, columns: square.columns) { i, j in
          sin(Double(i * square.columns + j + 1) * 12.9898) / Double(square.rows).squareRoot()
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
      let model = try plan.model(for: data)
      let start = try bytesOfStart(plan, model, initializers)
      return plan.symmetry == .reduced ? start : start + bytes(plan, model.graph, on: data)
    }

    /// The memory of the initial weights, which measurements need; identities take none.
    private static func bytesOfStart(
      _ plan: TrainingPlan, _ model: Model, _ initializers: InitializerCatalog
    ) throws -> Int {
      var bytes = 0
      for parameter in model.graph.parameters where parameter.role == .weight {
        let rule = try initializers.entry(named: plan.initializer(of: parameter.name, in: model))
          .initializer
        // Only chains of layers need no elements of identities to find the classes.
        let isChain = !plan.isResidual && plan.norm == .none
        if !isChain
          || !rule.isIdentity(WeightShape(outputs: parameter.rows, inputs: parameter.columns))
        {
          bytes += 4 * parameter.rows * parameter.columns
        }
      }
      return bytes
    }

    /// The memory of parameters with the states of the optimizer, of the activations and gradients of a training and a test batch,
    /// and of a rank's matrices in double precision: the difference, its Gram matrix, the factors
    /// and their panels.
    private static func bytes(_ plan: TrainingPlan, _ graph: ModelGraph, on data: Dataset) -> Int {
      let parameters = Int(graph.parameterCount)
      let names = Set(plan.measuredWeights)
      let square =
        graph.parameters.filter { names.contains($0.name) }
        .map { $0.rows * $0.columns }.max() ?? 0
      // A block of rows of each weight has a part of the gradient of its inputs.
      let parts = graph.denseWeights.reduce(0) {
        let weight = graph.parameters[$1]
        return $0 + Matrix<Float>.blockCount(rows: weight.rows) * weight.columns
      }
      let batches =
        Int(graph.storedFeatures)
        * (graph.testBatchSize(atMost: min(plan.testBatchSize, data.test.count)) + plan.batchSize)
        + (Int(graph.storedGradients) + parts) * plan.batchSize
      let rank = plan.quantities.isEmpty ? 0 : 5 * 8 * square
      let states = plan.rule.stateNames.count
      let previous = plan.quantities.contains("update_norm") ? parameters : 0
      return 4 * ((1 + states) * parameters + previous + batches)
        + max(rank, 3 * 4 * (1 + states) * parameters)
    }
  }
}
