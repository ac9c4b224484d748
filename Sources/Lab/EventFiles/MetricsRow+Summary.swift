// Conversion of rows of metrics.jsonl to TensorBoard's values.

import ZerOMeasurements
import ZerORecords
import ZerOTraining

extension MetricsRow {
  /// Returns the number of updates before the row was written.
  ///
  /// - Parameter updatesPerEpoch: The number of updates per epoch of the run's plan.
  /// - Returns: The step of an event.
  func updates(updatesPerEpoch: Int) -> Int {
    switch self {
    case .ceiling: 0
    case .train(let row): row.iteration + 1
    case .test(let row): row.epoch * updatesPerEpoch
    case .snapshot(let row): row.updates
    }
  }

  /// Returns the values of the row in single precision, which TensorBoard requires.
  ///
  /// A ceiling has none, because it is not a curve.
  ///
  /// - Throws: `DrawingError` for a map that cannot be drawn.
  func summary() throws -> [SummaryValue] {
    switch self {
    case .ceiling: []
    case .train(let row): row.summary
    case .test(let row): row.summary
    case .snapshot(let row): try row.summary()
    }
  }
}

extension SummaryValue {
  /// Makes a point of a curve.
  init(_ tag: String, _ value: Double, _ description: String) {
    self.init(tag: tag, content: .scalar(Float(value)), description: description)
  }
}

extension TrainingStep {
  fileprivate var summary: [SummaryValue] {
    [
      SummaryValue("train/loss", loss, "Mean loss of the batch, before its update."),
      SummaryValue(
        "train/running_accuracy", runningAccuracy,
        "Correctly classified images of the epoch so far, in percent of all its images; grows from 0 in each epoch."
      ),
      SummaryValue("train/learning_rate", learningRate, "Learning rate."),
    ]
      + quantities.sorted { $0.key < $1.key }.flatMap { quantity, values in
        let summary = try? MeasurementCatalog.builtIn.entry(named: quantity).summary
        return values.sorted { $0.key < $1.key }.map { tensor, value in
          SummaryValue("\(quantity)/\(tensor)", value, summary ?? "")
        }
      }
  }
}

extension EpochTest {
  fileprivate var summary: [SummaryValue] {
    [
      SummaryValue("test/loss", loss, "Mean loss over the test images, after each epoch."),
      SummaryValue("test/accuracy", accuracy, "Correctly classified test images, in percent."),
    ]
  }
}
