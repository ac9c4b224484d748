// Runs that differ in their seeds only: one setting, tried several times.

import Foundation
public import Records
public import Training

/// The runs of one setting.
public struct RunGroup: Equatable, Sendable {
  /// One of the plans; the others differ from it in `seed` and `model_seed`.
  public let plan: TrainingPlan

  /// The runs, at least one.
  public let records: [RunRecord]

  /// Puts runs into groups.
  ///
  /// - Parameter records: Any runs.
  /// - Returns: The groups, in the order of their first runs.
  public static func groups(of records: [RunRecord]) -> [RunGroup] {
    var order: [TrainingPlan] = []
    var members: [TrainingPlan: [RunRecord]] = [:]
    for record in records {
      var setting = record.plan
      setting.seed = 0
      setting.modelSeed = 0
      if members[setting] == nil { order.append(setting) }
      members[setting, default: []].append(record)
    }
    return order.compactMap { setting in
      members[setting].map { RunGroup(plan: $0[0].plan, records: $0) }
    }
  }

  /// The runs that came to their end; statistics are over these.
  public var done: [RunRecord] { records.filter { $0.status.status == .done } }

  /// Statistics of a result over the runs that are done.
  ///
  /// - Parameter result: A run's result, `nil` where it has none.
  /// - Returns: `nil` when no run has one.
  public func statistics(_ result: (RunRecord) -> Double?) -> Statistics? {
    Statistics(done.compactMap(result))
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
