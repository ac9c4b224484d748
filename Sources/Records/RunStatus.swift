// status.json: how a run stands.

/// How a run stands, or how it ended.
public struct RunStatus: Codable, Equatable, Sendable {
  /// The word for it.
  public enum State: String, Codable, Sendable {
    /// Under way, or its process was killed.
    case running
    /// Finished as planned.
    case done
    /// The loss became a NaN or an infinity.
    case diverged
    /// Stopped by an error.
    case failed
    /// Stopped on request, with a checkpoint.
    case interrupted
  }

  /// How it stands.
  public var status: State

  /// Why it did not end well; `nil` otherwise.
  public var message: String?

  /// Seconds of work, over all of a run's sessions but for what a crash undid; `nil` while running.
  public var seconds: Double?

  /// Makes a status.
  public init(_ status: State, message: String? = nil, seconds: Double? = nil) {
    self.status = status
    self.message = message
    self.seconds = seconds
  }
}
