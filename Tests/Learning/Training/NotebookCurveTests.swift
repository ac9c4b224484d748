// The first hundred updates on the real MNIST, against PyTorch.

import Foundation
import TestSupport
import Testing
import ZerODatasets
import ZerOLinearAlgebra
import ZerONetworks
import ZerOSpectra

@testable import ZerOTraining

@Suite struct NotebookCurveTests {
  private struct Enough: Error {}

  @Test(arguments: [("Partial_Identity", 256), ("Random", 1024)])
  func `losses, accuracies and ranks of the first measurements are PyTorch's`(
    name: String, width: Int
  ) throws {
    let curves: TrainingCurvesGolden = try golden("training_curves")
    let expected = try #require(curves.runs.first { $0.`init` == name && $0.width == width })
    let data = try Dataset.load("mnist")
    var plan = TrainingPlan(initializer: name, width: width)
    plan.modelSeed = expected.modelSeed
    plan.seed = expected.dataSeed
    // The wide run is stopped after its first measurement; it only tests PyTorch's random weights.
    let count = width > 256 ? 1 : 3
    var steps: [TrainingStep] = []
    var ranks: [Int] = []
    var network: Network<Float> = try plan.initialNetwork(for: data)
    #expect(throws: Enough.self) {
      try train(&network, by: plan, on: data) { event, network, _ in
        guard case .step(let step) = event else { return }
        steps.append(step)
        var change = Matrix<Double>(network().layers[2].weight)
        change.subtractIdentity()
        ranks.append(
          try NumericalRank(of: change, tolerance: NumericalRank.notebookTolerance).rank)
        if steps.count == count { throw Enough() }
      }
    }
    let early = Tolerance(
      relative: 2e-4, absolute: 1e-6, because: "rounding differences, grown over 100 updates")
    expectClose(steps.map(\.loss), Array(expected.loss.prefix(count)), within: early, "loss")
    let oneImage = Tolerance(absolute: 0.0018, because: "one image of 60000, and four decimals")
    expectClose(
      steps.map(\.runningAccuracy), Array(expected.runningAccuracyPercent.prefix(count)),
      within: oneImage, "running accuracy")
    expectClose(
      ranks.map { Double($0) }, expected.rankL3WeightMinusIdentity.prefix(count).map { Double($0) },
      within: Tolerance(absolute: 1, because: "a singular value that rounding lifts over 1e-4"),
      "rank")
  }

  @Test func `without bias, partial identity begins at the logarithm of ten`() throws {
    let data = try Dataset.load("mnist")
    var plan = TrainingPlan(initializer: "Partial_Identity", width: 64)
    plan.bias = nil
    var network: Network<Float> = try plan.initialNetwork(for: data)
    #expect(throws: Enough.self) {
      try train(&network, by: plan, on: data) { event, _, _ in
        guard case .step(let step) = event else { return }
        // The first ten pixels, the logits, are black in every image.
        expectClose(
          step.loss, log(10), within: Tolerance(relative: 1e-15, because: "one logarithm"))
        throw Enough()
      }
    }
  }
}
