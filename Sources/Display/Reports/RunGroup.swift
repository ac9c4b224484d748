// Runs that differ in their seeds only: one setting, tried several times.

import Foundation
public import Training

/// The runs of one setting.
public struct RunGroup: Equatable, Sendable {
  /// One of the plans; the others differ from it in `seed` and `model_seed`.
  public let plan: TrainingPlan

  /// The runs.
  public private(set) var results: [RunResult] = []

  /// The runs that have no record.
  public private(set) var missing = 0

  /// Puts runs into groups.
  ///
  /// - Parameters:
  ///   - results: Any runs.
  ///   - missing: The plans of runs that have no record.
  /// - Returns: The groups, in the order of their first runs; those without any come last.
  public static func groups(of results: [RunResult], missing: [TrainingPlan] = []) -> [RunGroup] {
    var groups: [RunGroup] = []
    var places: [TrainingPlan: Int] = [:]
    func place(of plan: TrainingPlan) -> Int {
      let setting = plan.setting
      if let place = places[setting] { return place }
      places[setting] = groups.count
      groups.append(RunGroup(plan: plan))
      return groups.count - 1
    }
    for result in results {
      let place = place(of: result.plan)
      groups[place].results.append(result)
    }
    for plan in missing {
      let place = place(of: plan)
      groups[place].missing += 1
    }
    return groups
  }

  /// The runs that came to their end; statistics are over these.
  public var done: [RunResult] { results.filter(\.isDone) }

  /// How many runs there are, begun or not.
  var count: Int { results.count + missing }

  /// Statistics of a result over the runs that are done.
  ///
  /// - Parameter value: A run's result, `nil` where it has none.
  /// - Returns: `nil` when no run has one.
  public func statistics(_ value: (RunResult) -> Double?) -> Statistics? {
    Statistics(done.compactMap(value))
  }
}

extension TrainingPlan {
  /// The plan without its seeds, which the repetitions of a setting have in common.
  var setting: TrainingPlan {
    var setting = self
    (setting.seed, setting.modelSeed) = (0, 0)
    return setting
  }
}

/// What is left of several numbers.
public struct Statistics: Equatable, Sendable {
  /// The arithmetic mean.
  public let mean: Double

  /// The sample standard deviation, √(Σ(x − mean)² / (count − 1)); `nil` of a single number.
  public let standardDeviation: Double?

  /// The smallest.
  public let minimum: Double

  /// The largest.
  public let maximum: Double

  /// Takes statistics; `nil` of nothing.
  public init?(_ values: [Double]) {
    guard let minimum = values.min(), let maximum = values.max() else { return nil }
    let mean = values.reduce(0, +) / Double(values.count)
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    self.mean = mean
    self.minimum = minimum
    self.maximum = maximum
    standardDeviation = values.count > 1 ? (squares / Double(values.count - 1)).squareRoot() : nil
  }
}
