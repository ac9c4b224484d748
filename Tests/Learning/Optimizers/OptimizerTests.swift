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

  /// Vectors of 8 elements have the bits of single elements, which are compared with PyTorch's.
  @Test func `elements of vectors are updated like single ones`() {
    func compare<Scalar: MatrixScalar>(_ type: Scalar.Type) {
      for optimizer in [Adam(weightDecay: 0.1), Adam(weightDecay: 0.1, isDecoupled: true)] {
        func wave(_ phase: Int) -> ContiguousArray<Scalar> {
          ContiguousArray((0..<19).map { Scalar(sin(1.7 * Double($0) + Double(phase))) })
        }
        var whole = Matrix(rows: 19, columns: 1, elements: wave(0))
        var single = wave(0).map { Matrix(rows: 1, columns: 1, elements: [$0]) }
        var states = ContiguousArray<Scalar>(repeating: 0, count: 38)
        var singleStates = [ContiguousArray<Scalar>](repeating: [0, 0], count: 19)
        for number in [1, 2, 50, 3000] {
          let gradient = wave(number)
          unsafe whole.update(
            by: Matrix(rows: 19, columns: 1, elements: gradient), states: &states
          ) { unsafe optimizer.update($0, rate: 0.01, number: number) }
          for i in 0..<19 {
            unsafe single[i].update(
              by: Matrix(rows: 1, columns: 1, elements: [gradient[i]]), states: &singleStates[i]
            ) { unsafe optimizer.update($0, rate: 0.01, number: number) }
          }
        }
        #expect(whole.elements.elementsEqual(single.map { $0.elements[0] }))
        #expect(states.elementsEqual(singleStates.map { $0[0] } + singleStates.map { $0[1] }))
      }
    }
    compare(Float.self)
    compare(Double.self)
  }

  @Test func `every case of the golden file is tested`() {
    #expect(Self.golden.count == 10)
  }

  @Test(arguments: golden.map(\.name))
  func `without gradients the weights are the start times its factor`(name: String) throws {
    let optimizer = try optimizer(name)
    let rates = [Double](repeating: 0.01, count: 20)
    var parameter = wave(5, 0)
    let zero = Matrix<Double>(repeating: 0, rows: 5, columns: 1)
    var states = ContiguousArray<Double>(repeating: 0, count: 5 * optimizer.stateNames.count)
    for (update, rate) in rates.enumerated() {
      unsafe parameter.update(by: zero, states: &states) { elements in
        unsafe optimizer.update(elements, rate: rate, number: update + 1)
      }
    }
    let schedule = LearningRateSchedule(
      .constant, initial: 0.01, updatesPerEpoch: 20, epochs: 1)
    var start = StartFactor<Double>(optimizer, schedule)
    guard name != "adam, decay" else {
      let none = start.value(after: 20)
      #expect(none == nil)
      return
    }
    let value = start.value(after: 20)
    let factor = try #require(value)
    // The value follows from the number of updates alone.
    let early = start.value(after: 3)
    let again = start.value(after: 20)
    #expect((early != factor || factor == 1) && again == factor)
    #expect((factor == 1) == !(name.hasSuffix("decay") || name == "adamw"))
    expectClose(
      parameter.elements, wave(5, 0).elements.map { factor * $0 },
      within: Tolerance(relative: 1e-13, because: "twenty roundings"))
  }

  @Test(
    arguments: [
      SGD(weightDecay: 0.01), SGD(momentum: 0.9, isNesterov: true, weightDecay: 1e-3),
      Adam(weightDecay: 0.01, isDecoupled: true),
    ] as [any Optimizer])
  func `in single precision the factor is that of the weights over many updates`(
    optimizer: any Optimizer
  ) throws {
    // A change of 1e-3 in the first half only: the weights are α·W₀ plus the decayed change.
    let schedule = LearningRateSchedule(
      .constant, initial: 1e-3, updatesPerEpoch: 20_000, epochs: 1)
    var weights = Matrix<Float>(rows: 4, columns: 1) { i, _ in [1, 0, 1, 0.5][i] }
    var states = ContiguousArray<Float>(repeating: 0, count: 4 * optimizer.stateNames.count)
    var gradient = Matrix<Float>(repeating: 0, rows: 4, columns: 1)
    for update in 0..<20_000 {
      // Both elements of each kind get the same gradients, whatever their start.
      for unit in 2..<4 { gradient[unit, 0] = update < 10_000 ? Float(sin(Double(update))) : 0 }
      unsafe weights.update(by: gradient, states: &states) { elements in
        unsafe optimizer.update(
          elements, rate: schedule.learningRate(update: update), number: update + 1)
      }
    }
    var start = StartFactor<Float>(optimizer, schedule)
    let value = start.value(after: 20_000)
    let factor = try #require(value)
    #expect(factor < 0.999)
    // Without a gradient exactly, with one to rounding, far below the tolerance of ranks, 1e-4.
    #expect(Double(weights[0, 0]) == factor && weights[1, 0] == 0)
    let differences = [
      Double(weights[2, 0]) - factor, Double(weights[3, 0]) - 0.5 * factor,
    ]
    expectClose(
      differences[0], differences[1],
      within: Tolerance(absolute: 2e-5, because: "20 000 roundings of numbers near 1"))
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
  }
}
