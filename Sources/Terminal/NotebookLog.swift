// The notebook's own log lines, to the letter.

import Foundation
public import Training

extension TrainingEvent {
  /// The line, or lines, that the notebook prints at this event.
  public var notebookLine: String {
    switch self {
    case .step(let step):
      return String(
        format: "Train Epoch: %d [%d/%d (%.0f%%)]\tLoss: %.6f\tAccuracy(%.0f%%)", step.epoch,
        step.samples, step.sampleCount, 100 * Double(step.step) / Double(step.stepCount), step.loss,
        step.runningAccuracy)
    case .test(let test):
      return String(
        format: "\nTest set: Average loss: %.4f, Accuracy: %d/%d (%.0f%%)\n", test.loss,
        test.correct, test.total, 100 * Double(test.correct) / Double(test.total))
    }
  }
}
