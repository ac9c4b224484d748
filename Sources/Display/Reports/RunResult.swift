// What a report keeps of a run: tables and verdicts need its results, not its rows.

import Records
public import Training

/// A curve by name: a quantity of a tensor.
struct CurveName: Hashable, Sendable {
  let quantity: String
  let tensor: String
}

/// The results of one run.
public struct RunResult: Equatable, Sendable {
  /// What determined the run.
  public let plan: TrainingPlan

  /// The run's state in a word: that of `status.json`, or `damaged`, `incomplete` and the like where the records
  /// cannot be used.
  public let standing: String

  /// Why the run is not done, where that is known.
  public let reason: String?

  /// Seconds of work; `nil` while running.
  let seconds: Double?

  /// What the run was trained on; `nil` of damaged records.
  let data: Provenance.Data?

  /// The latest test pass.
  let test: EpochTest?

  /// The known limits of the measured ranks.
  let ceiling: CeilingRow?

  private let curves: [CurveName: Course]

  /// What is left of a curve.
  struct Course: Equatable {
    /// The latest value.
    var last: Double

    /// The largest value.
    var largest: Double

    /// The number of updates made when the largest value was first reached.
    var updates: Int
  }

  /// Whether the run ended as planned.
  public var isDone: Bool { standing == RunStatus.State.done.rawValue }

  /// Whether the records cannot be used.
  public let isDamaged: Bool

  /// Takes the results of a record.
  ///
  /// - Parameters:
  ///   - record: The record.
  ///   - names: Curves that are kept beside those of weights.
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

  /// A run whose records cannot be used, of which nothing is shown but this.
  ///
  /// - Parameters:
  ///   - plan: What should have been there.
  ///   - error: What is wrong.
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

  /// The highest rank that W − W₀ of a weight can have, its shape's included.
  func ceiling(ofWeight tensor: String) -> Double? {
    ceiling?.tensors[tensor].map { Double($0) }
  }
}
