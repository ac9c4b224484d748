// Runs that differ only in their seeds.

import Foundation
public import ZerOTraining

/// All runs of one setting.
public struct RunGroup: Equatable, Sendable {
  /// One of the plans; the others differ from it in `seed` and `model_seed`.
  public let plan: TrainingPlan

  /// The results of the runs with records.
  public private(set) var results: [RunResult] = []

  /// The number of runs without a record.
  public private(set) var missing = 0

  /// Groups runs by setting.
  ///
  /// - Parameters:
  ///   - results: The results of runs.
  ///   - missing: The plans of runs without a record.
  /// - Returns: The groups in the order of their first runs; groups without records come last.
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

  /// The completed runs; statistics are computed over these.
  public var done: [RunResult] { results.filter(\.isDone) }

  /// The number of runs, with or without records.
  var count: Int { results.count + missing }

  /// Statistics of a value over the completed runs.
  ///
  /// - Parameter value: The value of a run, if it has one.
  /// - Returns: `nil` if no run has the value.
  public func statistics(_ value: (RunResult) -> Double?) -> Statistics? {
    Statistics(done.compactMap(value))
  }
}

extension TrainingPlan {
  /// The plan with both seeds set to 0, equal for all repetitions of a setting.
  var setting: TrainingPlan {
    var setting = self
    (setting.seed, setting.modelSeed) = (0, 0)
    return setting
  }
}

/// Mean, standard deviation and range of some numbers.
public struct Statistics: Equatable, Sendable {
  /// The arithmetic mean.
  public let mean: Double

  /// The sample standard deviation, √(Σ(x − mean)² / (count − 1)); `nil` for a single number.
  public let standardDeviation: Double?

  /// The smallest number.
  public let minimum: Double

  /// The largest number.
  public let maximum: Double

  /// Computes the statistics; `nil` for an empty array.
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
