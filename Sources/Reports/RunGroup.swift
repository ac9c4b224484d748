// Runs that differ in their seeds only: one setting, tried several times.

import Foundation
public import Records
public import Training

/// The runs of one setting.
public struct RunGroup: Equatable, Sendable {
  /// One of the plans; the others differ from it in `seed` and `model_seed`.
  public let plan: TrainingPlan

  /// The runs.
  public let records: [RunRecord]

  /// The runs that have no record.
  public let missing: Int

  /// Makes a group.
  public init(plan: TrainingPlan, records: [RunRecord], missing: Int = 0) {
    self.plan = plan
    self.records = records
    self.missing = missing
  }

  /// Puts runs into groups.
  ///
  /// - Parameters:
  ///   - records: Any runs.
  ///   - missing: The plans of runs that have no record.
  /// - Returns: The groups, in the order of their first runs; those without any come last.
  public static func groups(of records: [RunRecord], missing: [TrainingPlan] = []) -> [RunGroup] {
    var order: [TrainingPlan] = []
    var members: [TrainingPlan: RunGroup] = [:]
    for (plan, record) in records.map({ ($0.plan, Optional($0)) }) + missing.map({ ($0, nil) }) {
      var setting = plan
      setting.seed = 0
      setting.modelSeed = 0
      if members[setting] == nil { order.append(setting) }
      let group = members[setting] ?? RunGroup(plan: plan, records: [])
      members[setting] = RunGroup(
        plan: group.plan, records: group.records + (record.map { [$0] } ?? []),
        missing: group.missing + (record == nil ? 1 : 0))
    }
    return order.compactMap { members[$0] }
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
