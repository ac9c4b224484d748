// Which runs of an experiment a claim speaks of.

public import Training

/// A condition on plans: each named key has one of the named values.
public struct RunFilter: Equatable, Sendable {
  /// The accepted texts of each key.
  private let accepted: [String: [String]]

  /// Reads a filter.
  init(_ mapping: YAMLMapping) throws(ExperimentError) {
    var accepted: [String: [String]] = [:]
    for (key, value) in mapping.all {
      for element in try value.someElements() {
        // Through a plan and back, so that 0.10 finds 0.1 and null finds none.
        var plan = TrainingPlan(initializer: "", width: 0)
        try plan.set(key, to: element)
        accepted[key, default: []].append(plan.text(of: key))
      }
    }
    self.accepted = accepted
  }

  /// Whether a plan meets the condition.
  public func matches(_ plan: TrainingPlan) -> Bool {
    accepted.allSatisfy { key, values in values.contains(plan.text(of: key)) }
  }
}
