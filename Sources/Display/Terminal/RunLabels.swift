// Short names of runs for the screen.

import ZerOTraining

/// Short names that distinguish runs.
enum RunLabels {
  /// Labels runs by initializer and width, followed by the other settings that differ, as in folder names.
  ///
  /// - Parameter plans: The runs; each gets a different label.
  /// - Returns: For example `ZerO 1024`, or `ZerO 1024 lr0.05 s2`.
  static func labels(_ plans: [TrainingPlan]) -> [TrainingPlan: String] {
    let plans = Set(plans)
    var keys: [TrainingPlan.Setting] = []
    func labels() -> [TrainingPlan: String] {
      Dictionary(
        uniqueKeysWithValues: plans.map { plan in
          let marks = keys.compactMap(plan.mark)
          return (plan, (["\(plan.initializer) \(plan.width)"] + marks).joined(separator: " "))
        })
    }
    func areDistinct(_ labels: [TrainingPlan: String]) -> Bool {
      Set(labels.values).count == plans.count
    }
    // The two seeds usually differ together, so one of them is enough in most cases.
    let others = TrainingPlan.settings.filter { !$0.isRequired }
    let order = others.filter { !$0.isSeed } + others.filter(\.isSeed).reversed()
    for key in order where !areDistinct(labels()) {
      if Set(plans.map { $0.mark(of: key) }).count > 1 { keys.append(key) }
    }
    let short = labels()
    guard areDistinct(short) else {
      return Dictionary(uniqueKeysWithValues: plans.map { ($0, $0.identifier) })
    }
    return short
  }
}
