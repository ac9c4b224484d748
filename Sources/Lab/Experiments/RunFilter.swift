// The runs that a claim concerns or a figure draws.

public import ZerOTraining

/// A condition on plans: each key of the filter has one of its values.
public struct RunFilter: Equatable, Sendable, CustomStringConvertible {
  /// The accepted texts of each key, in the order of the file.
  private let conditions: [Condition]

  private struct Condition: Equatable {
    let key: String
    let accepted: [String]
  }

  /// Accepts every run.
  static let all = RunFilter(conditions: [])

  private init(conditions: [Condition]) {
    self.conditions = conditions
  }

  /// Reads a filter.
  ///
  /// - Parameters:
  ///   - value: A table of hyper-parameters.
  ///   - plans: The plans of the experiment, of which at least one must match.
  /// - Throws: `ExperimentError`; `.noSuchRun` if none matches.
  init(_ value: YAMLValue, plans: [TrainingPlan]) throws(ExperimentError) {
    var conditions: [Condition] = []
    for (key, value) in try value.mapping(known: TrainingPlan.runKeys).all {
      if value.isTable {
        throw value.wrong(expected: "a name; use init_rules for the rules", found: "a table")
      }
      var accepted: [String] = []
      for element in try TrainingPlan.variants(key, value) {
        // Normalized by a plan, so 0.10 matches 0.1 and null matches none.
        var plan = TrainingPlan(initializer: "", width: 0)
        try plan.set(key, to: element)
        accepted.append(plan.text(of: key))
      }
      conditions.append(Condition(key: key, accepted: accepted))
    }
    self.conditions = conditions
    guard plans.contains(where: matches) else {
      throw .noSuchRun(path: value.path, line: value.line, key: value.key)
    }
  }

  /// Whether a plan satisfies the condition.
  public func matches(_ plan: TrainingPlan) -> Bool {
    conditions.allSatisfy { $0.accepted.contains(plan.text(of: $0.key)) }
  }

  /// The condition in words, for example `init ZerO or OnE, width 8`; empty if every run satisfies it.
  public var description: String {
    conditions.map { "\($0.key) \($0.accepted.joined(separator: " or "))" }.joined(separator: ", ")
  }
}
