// Log lines in the format of the reference notebook.

import Foundation
public import ZerOTraining

extension TrainingStep {
  /// The line that the reference notebook prints after an update.
  ///
  /// - Parameters:
  ///   - plan: The plan of the run.
  ///   - sampleCount: The number of training images.
  /// - Returns: One line.
  public func notebookLine(of plan: TrainingPlan, sampleCount: Int) -> String {
    String(
      format: "Train Epoch: %d [%d/%d (%.0f%%)]\tLoss: %.6f\tAccuracy(%.0f%%)", epoch, samples,
      sampleCount, 100 * Double(step) / Double(plan.updatesPerEpoch(sampleCount: sampleCount)),
      loss, runningAccuracy)
  }
}

extension EpochTest {
  /// The log lines of a test pass.
  public var notebookLine: String {
    String(
      format: "\nTest set: Average loss: %.4f, Accuracy: %d/%d (%.0f%%)\n", loss, correct, total,
      100 * Double(correct) / Double(total))
  }
}
