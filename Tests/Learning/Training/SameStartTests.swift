import Testing

@testable import ZerOTraining

@Suite struct SameStartTests {
  /// The sizes of the plans' data.
  private let sizes = [
    DataSelection(of: TrainingPlan(initializer: "ZerO", width: 8)): (inputs: 12, classes: 5)
  ]

  private func same(
    _ names: [String], width: Int, _ change: (inout TrainingPlan) -> Void = { _ in }
  ) -> [String] {
    let plans = names.map { name in
      var plan = TrainingPlan(initializer: name, width: width)
      change(&plan)
      return plan
    }
    let found = TrainingPlan.sameStarts(among: plans, sizes: sizes)
    return plans.map { found[$0]?.initializer ?? "-" }
  }

  @Test func `initializers with equal weights are found, as long as the network does not widen`() {
    let names = ["Random", "ZerO", "IDInit", "Partial_Identity", "OnE", "DCT", "Zeros"]
    #expect(same(names, width: 12) == ["-", "-", "ZerO", "ZerO", "ZerO", "-", "-"])
    // Beyond the inputs ZerO repeats Hadamard rows, IDInit the identity; OnE draws.
    #expect(same(names, width: 13) == ["-", "-", "-", "-", "-", "-", "-"])
  }

  @Test func `seeds count where anything is drawn, and only there`() {
    for (width, isSame) in [(12, true), (13, false)] {
      let plan = TrainingPlan(initializer: "OnE", width: width)
      var other = plan
      other.modelSeed = 1
      let found = TrainingPlan.sameStarts(among: [plan, other], sizes: sizes)
      #expect(found == (isSame ? [other: plan] : [:]), "\(width)")
    }
  }

  @Test func `plans that differ in anything else are different`() {
    var plan = TrainingPlan(initializer: "ZerO", width: 8)
    var other = plan
    other.modelSeed = 7
    // Nothing is drawn, so the seed of the weights makes no difference.
    #expect(TrainingPlan.sameStarts(among: [plan, other], sizes: sizes) == [other: plan])
    #expect(TrainingPlan.sameStarts(among: [plan, plan], sizes: sizes).isEmpty)
    for change in [\TrainingPlan.depth, \.epochs, \.width] {
      plan = TrainingPlan(initializer: "ZerO", width: 8)
      other = TrainingPlan(initializer: "IDInit", width: 8)
      other[keyPath: change] += 1
      #expect(TrainingPlan.sameStarts(among: [plan, other], sizes: sizes).isEmpty)
    }
    other = TrainingPlan(initializer: "IDInit", width: 8)
    #expect(TrainingPlan.sameStarts(among: [plan, other], sizes: sizes) == [other: plan])
    #expect(TrainingPlan.sameStarts(among: [plan, other], sizes: [:]).isEmpty)
    plan.seed = 2
    #expect(TrainingPlan.sameStarts(among: [plan, other], sizes: sizes).isEmpty)
  }
}
