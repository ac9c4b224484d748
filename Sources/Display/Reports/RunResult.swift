// The results of one run, which tables and verdicts need; its rows are not kept.

public import ZerORecords
public import ZerOTraining

/// A curve by name: a quantity of a tensor.
struct CurveName: Hashable, Sendable {
  let quantity: String
  let tensor: String
}

/// The results of one run.
public struct RunResult: Equatable, Sendable {
  /// The run's plan.
  public let plan: TrainingPlan

  /// The run's state in one word: the state in `status.json`, or `damaged`, `incomplete`, … for unusable records.
  public let state: String

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

  private let curves: [CurveName: CurveSummary]

  /// The last and the largest value of a curve.
  struct CurveSummary: Equatable {
    /// The latest value.
    var last: Double

    /// The largest value.
    var largest: Double

    /// The number of updates after which the largest value was first reached.
    var updates: Int
  }

  /// Whether the run is completed.
  public var isDone: Bool { state == RunStatus.State.done.rawValue }

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
    state = record.status.status.rawValue
    reason = record.status.message
    seconds = record.status.seconds
    data = record.provenance.data
    test = record.testRows.last
    ceiling = record.ceiling
    var curves: [CurveName: CurveSummary] = [:]
    for row in record.trainRows {
      for (quantity, values) in row.quantities {
        for (tensor, value) in values {
          let name = CurveName(quantity: quantity, tensor: tensor)
          guard tensor.hasSuffix(".weight") || names.contains(name) else { continue }
          var curve =
            curves[name] ?? CurveSummary(last: value, largest: value, updates: row.iteration + 1)
          curve.last = value
          if value > curve.largest {
            (curve.largest, curve.updates) = (value, row.iteration + 1)
          }
          curves[name] = curve
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
    state = error.runState
    reason = error.description
    (seconds, data, test, ceiling, curves) = (nil, nil, nil, nil, [:])
  }

  /// The summary of a curve; `nil` if nothing was measured.
  func curve(_ quantity: String, of tensor: String) -> CurveSummary? {
    curves[CurveName(quantity: quantity, tensor: tensor)]
  }

  /// The last value of a quantity.
  func last(_ quantity: String, of tensor: String) -> Double? {
    curve(quantity, of: tensor)?.last
  }

  /// The ceiling of rank(W − W₀) of a weight, which is at most its smaller dimension.
  func ceiling(ofWeight tensor: String) -> Double? {
    ceiling?.tensors[tensor].map { Double($0) }
  }
}

extension RecordError {
  /// The state of a run with this error, in one word, for tables.
  public var runState: String {
    switch self {
    case .incomplete: "incomplete"
    case .unreadable: "unreadable"
    case .otherPlan: "misplaced"
    case .locked: "locked"
    case .malformed, .notThisRuns, .unwritable, .gone, .isLink: "damaged"
    }
  }
}
