import Foundation
import TestSupport
import Testing
import ZerOLinearAlgebra
import ZerOOptimizers

@Suite struct OptimizerTests {
  private static let golden: [OptimizersGolden.Case] =
    (try? TestSupport.golden("optimizers", as: OptimizersGolden.self).cases) ?? []

  /// The optimizer of a case of the golden file.
  private func optimizer(_ name: String) throws -> any Optimizer {
    let decay = name.hasSuffix("decay") ? 0.1 : 0
    switch name.split(separator: ",")[0] {
    case "sgd": return SGD(weightDecay: decay)
    case "momentum": return SGD(momentum: 0.9, weightDecay: decay)
    case "nesterov":
      return SGD(momentum: decay > 0 ? 0.8 : 0.9, isNesterov: true, weightDecay: decay)
    case "adam": return Adam(weightDecay: decay)
    default:
      let entry = try #require(OptimizerEntry.named("adamw"))
      return entry.make(
        OptimizerEntry.Settings(weightDecay: decay > 0 ? decay : entry.weightDecay))
    }
  }

  private func wave(_ count: Int, _ phase: Int) -> Matrix<Double> {
    Matrix(rows: count, columns: 1) { i, _ in sin(1.7 * Double(i) + Double(phase)) }
  }

  @Test(arguments: golden) func `parameters and states are PyTorch's`(
    expected: OptimizersGolden.Case
  ) throws {
    let optimizer = try optimizer(expected.name)
    var parameter = wave(5, 0)
    var states = ContiguousArray<Double>(repeating: 0, count: 5 * optimizer.stateNames.count)
    let tolerance = Tolerance(
      relative: 1e-14, absolute: 1e-15, because: "a few roundings in double")
    for (update, values) in expected.values.enumerated() {
      unsafe parameter.update(by: wave(5, update + 1), states: &states) { elements in
        unsafe optimizer.update(elements, rate: 0.05 / Double(1 + update), number: update + 1)
      }
      expectClose(parameter.elements, values, within: tolerance, "update \(update)")
    }
    #expect(Set(expected.states.keys) == Set(optimizer.stateNames))
    for (index, name) in optimizer.stateNames.enumerated() {
      expectClose(
        states[5 * index..<5 * index + 5], expected.states[name] ?? [], within: tolerance, "\(name)"
      )
    }
  }

  @Test func `every case of the golden file is tested`() {
    #expect(Self.golden.count == 10)
  }

  @Test(arguments: golden.map(\.name))
  func `without gradients the weights are the start times its factor`(name: String) throws {
    let optimizer = try optimizer(name)
    let rates = (0..<20).map { 0.05 / Double(1 + $0) }
    var parameter = wave(5, 0)
    let zero = Matrix<Double>(repeating: 0, rows: 5, columns: 1)
    var states = ContiguousArray<Double>(repeating: 0, count: 5 * optimizer.stateNames.count)
    for (update, rate) in rates.enumerated() {
      unsafe parameter.update(by: zero, states: &states) { elements in
        unsafe optimizer.update(elements, rate: rate, number: update + 1)
      }
    }
    guard name != "adam, decay" else {
      #expect(optimizer.startFactor(after: rates) == nil)
      return
    }
    let factor = try #require(optimizer.startFactor(after: rates))
    #expect((factor == 1) == !(name.hasSuffix("decay") || name == "adamw"))
    expectClose(
      parameter.elements, wave(5, 0).elements.map { factor * $0 },
      within: Tolerance(relative: 1e-13, because: "twenty roundings"))
  }

  @Test func `schedules follow their formulas`() {
    let step = LearningRateSchedule(
      initial: 0.1, gamma: 0.7, stepSize: 2, updatesPerEpoch: 3, epochs: 6)
    #expect((0..<6).map { step.learningRate(update: $0) } == [Double](repeating: 0.1, count: 6))
    #expect(step.learningRate(update: 6) == 0.1 * pow(0.7, 1))
    #expect(step.learningRate(update: 17) == 0.1 * pow(0.7, 2))
    let cosine = LearningRateSchedule(
      .cosine, initial: 1, warmup: 4, updatesPerEpoch: 12, epochs: 1)
    let rounding = Tolerance(relative: 1e-15, absolute: 1e-16, because: "one rounding of a cosine")
    expectClose(
      (0..<12).map { cosine.learningRate(update: $0) },
      [0.25, 0.5, 0.75, 1, 1] + (1..<8).map { (1 + cos(Double.pi * Double($0) / 8)) / 2 },
      within: rounding)
    // The end of a cosine is PyTorch's CosineAnnealingLR with eta_min = 0: 0 is reached after the last update.
    expectClose(cosine.learningRate(update: 12), 0, within: rounding)
    let constant = LearningRateSchedule(
      .constant, initial: 0.3, updatesPerEpoch: 5, epochs: 100)
    #expect(constant.learningRate(update: 499) == 0.3)
    #expect(Array(cosine.learningRates(3)) == [0.25, 0.5, 0.75])
  }
}
