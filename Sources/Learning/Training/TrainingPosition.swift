// Positions from which training can resume.

/// A position in a run: between two updates, or between the last update of an epoch and its test pass.
///
/// The rest of a run depends only on the plan, the weights and the position: the order of the batches follows from
/// the seed and the number of passes.
public struct TrainingPosition: Codable, Equatable, Sendable {
  /// The current epoch, counted from 1; one more than the number of epochs at the end of the run.
  public let epoch: Int

  /// The updates made in this epoch.
  public let step: Int

  /// Images of this epoch classified correctly so far, each before its update.
  public let correct: Int

  /// Makes a position.
  public init(epoch: Int, step: Int, correct: Int) {
    self.epoch = epoch
    self.step = step
    self.correct = correct
  }

  /// Before the first update.
  public static let start = TrainingPosition(epoch: 1, step: 0, correct: 0)
}
