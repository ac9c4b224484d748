// What keeps a run from being lost.

/// How a run can be stopped, and from where it is taken up again.
public struct CheckpointPolicy: Sendable {
  /// The seconds of work that a crash may undo.
  public let checkpointInterval: Double

  /// Asks the run to stop.
  public let cancellation: Cancellation

  /// Makes a choice.
  ///
  /// - Parameters:
  ///   - checkpointInterval: Seconds from one checkpoint to the next, 0 for one at every update.
  ///   - cancellation: Asks the run to stop.
  public init(checkpointInterval: Double = 60, cancellation: Cancellation = Cancellation()) {
    self.checkpointInterval = checkpointInterval
    self.cancellation = cancellation
  }
}
