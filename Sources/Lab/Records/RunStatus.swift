// status.json: the state of a run.

/// The state of a run, and how it ended.
public struct RunStatus: Codable, Equatable, Sendable {
  /// The state.
  public enum State: String, Codable, Sendable {
    /// Running, or killed.
    case running
    /// Finished as planned.
    case done
    /// The loss became NaN or infinite.
    case diverged
    /// Stopped by an error.
    case failed
    /// Stopped on request, with a checkpoint.
    case interrupted
  }

  /// The size and checksum of `metrics.jsonl` at the end of a session.
  public struct Metrics: Codable, Equatable, Sendable {
    /// The number of rows.
    public let rows: Int

    /// The size of the file in bytes.
    public let bytes: Int

    /// The SHA-256 of the file, 64 hexadecimal digits.
    public let sha256: String

    /// The digest of the run, `TrainingPlan.digest(on:)`; `nil` in records of earlier versions.
    public var run: String?

    /// Makes a description.
    public init(rows: Int, bytes: Int, sha256: String, run: String? = nil) {
      self.rows = rows
      self.bytes = bytes
      self.sha256 = sha256
      self.run = run
    }
  }

  /// The state.
  public var status: State

  /// The reason of a state other than done; `nil` if there is none.
  public var message: String?

  /// Seconds of work in all sessions, without work that a crash undid; `nil` while running.
  public var seconds: Double?

  /// The rows at the end of the session; `nil` while running, and in records of earlier versions.
  public var metrics: Metrics?

  /// Makes a status.
  public init(
    _ status: State, message: String? = nil, seconds: Double? = nil, metrics: Metrics? = nil
  ) {
    self.status = status
    self.message = message
    self.seconds = seconds
    self.metrics = metrics
  }
}
