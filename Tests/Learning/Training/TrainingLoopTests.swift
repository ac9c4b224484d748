import Foundation
import TestSupport
import Testing
import ZerODatasets
import ZerOLinearAlgebra
import ZerONetworks
import ZerOOptimizers

@testable import ZerOTraining

@Suite struct TrainingLoopTests {
  private func smallData() throws -> Dataset {
    try withTemporaryFolder { folder in
      try writeSmallDataset(to: folder)
      return try Dataset(folder: folder, name: "small")
    }
  }

  private func smallPlan() -> TrainingPlan {
    var plan = TrainingPlan(initializer: "ZerO", width: 16)
    plan.batchSize = 20  // 96 images: four whole batches and one of 16
    plan.testBatchSize = 7
    plan.epochs = 3
    plan.stepSize = 2
    plan.measureEvery = 2
    return plan
  }

  private func events<Scalar: MatrixScalar>(
    of plan: TrainingPlan, on data: Dataset, as _: Scalar.Type = Scalar.self
  ) throws -> (events: [TrainingEvent], network: Network<Scalar>) {
    var network: Network<Scalar> = try plan.initialNetwork(for: data)
    var events: [TrainingEvent] = []
    try train(&network, by: plan, on: data) { event, _, _ in events.append(event) }
    return (events, network)
  }

  @Test func `the loop is the naive one, written out with gradients as matrices`() throws {
    let (data, plan) = (try smallData(), smallPlan())
    let (_, trained) = try events(of: plan, on: data, as: Double.self)

    var network: Network<Double> = try plan.initialNetwork(for: data)
    var order = BatchOrder(seed: plan.seed)
    for epoch in 0..<plan.epochs {
      let rate = epoch < 2 ? 0.1 : 0.1 * 0.7
      let permutation = order.nextPass(count: 96)
      for start in stride(from: 0, to: 96, by: 20) {
        let batch = permutation[start..<min(start + 20, 96)]
        var workspace = Workspace(for: network, samples: batch.count)
        workspace.activations[0] = Matrix(rows: 12, columns: batch.count) { pixel, sample in
          Double(data.train.pixels[12 * batch[batch.startIndex + sample] + pixel]) / 255
        }
        network.forward(&workspace)
        _ = workspace.computeLoss(labels: data.train.labels(of: batch))
        let deltas = naiveDeltas(
          of: network, activations: workspace.activations, last: workspace.gradients[3])
        network = naiveStep(
          network, deltas: deltas, activations: workspace.activations, rate: rate)
      }
      _ = order.nextPass(count: 20)
    }
    let rounding = Tolerance(
      relative: 1e-12, absolute: 1e-13, because: "15 steps in double, products in another order")
    for (mine, theirs) in zip(trained.layers, network.layers) {
      expectClose(mine.weight.elements, theirs.weight.elements, within: rounding)
      expectClose(mine.bias ?? [], theirs.bias ?? [], within: rounding)
    }
  }

  @Test func `events come at the notebook's moments, with its counts`() throws {
    let (events, _) = try events(of: smallPlan(), on: try smallData(), as: Float.self)
    let steps = events.compactMap { if case .step(let step) = $0 { step } else { nil } }
    #expect(steps.map(\.epoch) == [1, 1, 1, 2, 2, 2, 3, 3, 3])
    #expect(steps.map(\.step) == [0, 2, 4, 0, 2, 4, 0, 2, 4])
    #expect(steps.map(\.iteration) == [0, 2, 4, 5, 7, 9, 10, 12, 14])
    #expect(steps.map(\.samples) == [0, 40, 80, 0, 40, 80, 0, 40, 80])
    #expect(
      steps.map(\.learningRate) == [0.1, 0.1, 0.1, 0.1, 0.1, 0.1]
        + Array(repeating: 0.1 * 0.7, count: 3))
    let tests = events.compactMap { if case .test(let test) = $0 { test } else { nil } }
    #expect(tests.map(\.epoch) == [1, 2, 3] && tests.allSatisfy { $0.total == 20 })
    #expect(tests.last.map { $0.correct > 12 } == true, "four times chance: something is learnt")
  }

  @Test func `the last update of a run is measured, though no interval ends there`() throws {
    var plan = smallPlan()
    plan.measureEvery = 50
    let (events, _) = try events(of: plan, on: try smallData(), as: Float.self)
    let steps = events.compactMap { if case .step(let step) = $0 { step } else { nil } }
    #expect(steps.map(\.iteration) == [0, 5, 10, 14])
  }

  @Test func `an initial loss that is no number is not blamed on the learning rate`() throws {
    var plan = smallPlan()
    plan.bias = 1e38
    plan.initializer = "Random"
    let data = try smallData()
    #expect {
      _ = try events(of: plan, on: data, as: Float.self)
    } throws: { error in
      guard case .notFiniteAtStart(let loss)? = error as? TrainingError else { return false }
      return !loss.isFinite && !"\(error)".contains("learning rate below")
    }
  }

  @Test func `a run is repeated bit by bit, and follows its seeds`() throws {
    let (data, plan) = (try smallData(), smallPlan())
    let first = try events(of: plan, on: data, as: Float.self)
    #expect(try events(of: plan, on: data, as: Float.self) == first)
    var other = plan
    other.seed = 2
    #expect(try events(of: other, on: data, as: Float.self).network != first.network)
  }

  @Test func `the size of test batches changes rounding only`() throws {
    let data = try smallData()
    let network: Network<Double> = try smallPlan().initialNetwork(for: data)
    let whole = network.evaluate(on: data.test, order: Array(0..<20), batchSize: 20)
    let parts = network.evaluate(on: data.test, order: Array((0..<20).reversed()), batchSize: 3)
    #expect(whole.correct == parts.correct && whole.count == parts.count)
    expectClose(
      parts.sum, whole.sum, within: Tolerance(relative: 1e-14, because: "sums in another order"))
  }

  @Test func `a loss that is no number ends the run`() throws {
    var plan = smallPlan()
    plan.learningRate = 1e30
    let data = try smallData()
    #expect {
      _ = try events(of: plan, on: data, as: Float.self)
    } throws: { error in
      guard case .diverged(let iteration, let loss, 1e30)? = error as? TrainingError else {
        return false
      }
      return iteration > 0 && !loss.isFinite
    }
  }

  @Test func `a network that only the test pass finds broken has diverged too`() throws {
    var plan = smallPlan()
    plan.epochs = 1
    plan.batchSize = 96  // one update: its loss is taken before it
    plan.learningRate = 1e38
    let data = try smallData()
    var steps = 0
    #expect(throws: TrainingError.self) {
      var network: Network<Float> = try plan.initialNetwork(for: data)
      try train(&network, by: plan, on: data) { event, _, _ in
        if case .step = event { steps += 1 }
      }
    }
    #expect(steps == 1)
  }

  @Test func `the learning rate drops after every so many epochs`() {
    let schedule = LearningRateSchedule(
      initial: 0.1, gamma: 0.7, stepSize: 12, updatesPerEpoch: 1, epochs: 40)
    let rounding = Tolerance(relative: 1e-15, because: "one power")
    for (epoch, rate) in [(1, 0.1), (12, 0.1), (13, 0.07), (24, 0.07), (25, 0.049)] {
      expectClose(
        schedule.learningRate(update: epoch - 1), rate, within: rounding, "epoch \(epoch)")
    }
  }
}
