// Where training can be taken up again.

/// How far a training run has come: between two updates, or between an epoch's last update and its
/// test pass.
///
/// With the plan and the network's weights it is all that the rest of the run depends on: the order of
/// the batches follows from the seed and the passes made.
public struct TrainingPosition: Codable, Equatable, Sendable {
  /// The epoch under way, counted from 1; one more than the plan has when all is done.
  public let epoch: Int

  /// The updates made in this epoch.
  public let step: Int

  /// The right answers in this epoch so far, before each batch's update.
  public let correct: Int

  /// Names a position.
  public init(epoch: Int, step: Int, correct: Int) {
    self.epoch = epoch
    self.step = step
    self.correct = correct
  }

  /// Before the first update.
  public static let start = TrainingPosition(epoch: 1, step: 0, correct: 0)
}
