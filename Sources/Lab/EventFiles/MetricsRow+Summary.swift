// From the rows of metrics.jsonl to what TensorBoard shows of them.

import Measurements
import Records

extension MetricsRow {
  /// The number of updates made when the row was written.
  ///
  /// - Parameter updatesPerEpoch: Of the run's plan.
  /// - Returns: What is an event's step.
  func updates(updatesPerEpoch: Int) -> Int {
    switch self {
    case .ceiling: 0
    case .train(let row): row.iteration + 1
    case .test(let row): row.epoch * updatesPerEpoch
    case .snapshot(let row): row.updates
    }
  }

  /// The row's values, none for a ceiling, which is no curve; numbers rounded to single precision, TensorBoard's own.
  ///
  /// - Throws: `DrawingError` for a map that can't be drawn.
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
  /// A point of a curve.
  init(_ tag: String, _ value: Double, _ description: String) {
    self.init(tag: tag, content: .scalar(Float(value)), description: description)
  }
}

extension TrainRow {
  fileprivate var summary: [SummaryValue] {
    [
      SummaryValue("train/loss", loss, "Mean loss of the batch, before its update."),
      SummaryValue(
        "train/running_accuracy", runningAccuracy,
        "Right answers of the epoch so far, in percent of the epoch's images: it grows from 0 in each epoch."
      ),
      SummaryValue("train/learning_rate", learningRate, "The step size."),
    ]
      + quantities.sorted { $0.key < $1.key }.flatMap { quantity, values in
        let summary = try? MeasurementCatalog.entry(named: quantity).summary
        return values.sorted { $0.key < $1.key }.map { tensor, value in
          SummaryValue("\(quantity)/\(tensor)", value, summary ?? "")
        }
      }
  }
}

extension TestRow {
  fileprivate var summary: [SummaryValue] {
    [
      SummaryValue("test/loss", loss, "Mean loss over the test images, after each epoch."),
      SummaryValue("test/accuracy", accuracy, "Right answers, in percent of the test images."),
    ]
  }
}
