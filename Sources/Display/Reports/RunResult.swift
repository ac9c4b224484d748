// The results of one run, which tables and verdicts need; its rows are not kept.

import Records
public import Training

/// A curve by name: a quantity of a tensor.
struct CurveName: Hashable, Sendable {
  let quantity: String
  let tensor: String
}

/// The results of one run.
public struct RunResult: Equatable, Sendable {
  /// The run's plan.
  public let plan: TrainingPlan

  /// The run's state in a word: that of `status.json`, or `damaged`, `incomplete` and the like where the records
  /// cannot be used.
  public let standing: String

  /// The reason why the run is not done, if known.
  public let reason: String?

  /// The duration in seconds; `nil` while running.
  let seconds: Double?

  /// The training data; `nil` for unusable records.
  let data: Provenance.Data?

  /// The latest test pass.
  let test: EpochTest?

  /// The ceilings of the measured ranks.
  let ceiling: CeilingRow?

  private let curves: [CurveName: Course]

  /// What is left of a curve.
  struct Course: Equatable {
    /// The latest value.
    var last: Double

    /// The largest value.
    var largest: Double

    /// The number of updates after which the largest value was first reached.
    var updates: Int
  }

  /// Whether the run ended as planned.
  public var isDone: Bool { standing == RunStatus.State.done.rawValue }

  /// Whether the records are unusable.
  public let isDamaged: Bool

  /// Extracts the results of a record.
  ///
  /// - Parameters:
  ///   - record: The record.
  ///   - names: Curves to keep in addition to the curves of weights.
  init(_ record: RunRecord, keeping names: Set<CurveName> = []) {
    plan = record.plan
    isDamaged = false
    standing = record.status.status.rawValue
    reason = record.status.message
    seconds = record.status.seconds
    data = record.provenance.data
    test = record.testRows.last
    ceiling = record.ceiling
    var curves: [CurveName: Course] = [:]
    for row in record.trainRows {
      for (quantity, values) in row.quantities {
        for (tensor, value) in values {
          let name = CurveName(quantity: quantity, tensor: tensor)
          guard tensor.hasSuffix(".weight") || names.contains(name) else { continue }
          var course =
            curves[name] ?? Course(last: value, largest: value, updates: row.iteration + 1)
          course.last = value
          if value > course.largest {
            (course.largest, course.updates) = (value, row.iteration + 1)
          }
          curves[name] = course
        }
      }
    }
    self.curves = curves
  }

  /// Makes the result of a run with unusable records.
  ///
  /// - Parameters:
  ///   - plan: The plan of the run.
  ///   - error: The error of its records.
  init(damaged plan: TrainingPlan, _ error: RecordError) {
    self.plan = plan
    isDamaged = true
    standing = error.standing
    reason = error.description
    (seconds, data, test, ceiling, curves) = (nil, nil, nil, nil, [:])
  }

  /// What is left of a curve; `nil` where nothing was measured.
  func course(_ quantity: String, of tensor: String) -> Course? {
    curves[CurveName(quantity: quantity, tensor: tensor)]
  }

  /// The last value of a quantity.
  func last(_ quantity: String, of tensor: String) -> Double? {
    course(quantity, of: tensor)?.last
  }

  /// The ceiling of rank(W − W₀) of a weight, which is at most its smaller dimension.
  func ceiling(ofWeight tensor: String) -> Double? {
    ceiling?.tensors[tensor].map { Double($0) }
  }
}
