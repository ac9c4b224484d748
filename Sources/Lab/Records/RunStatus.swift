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

  /// The contents of `metrics.jsonl` when a session ended.
  public struct Metrics: Codable, Equatable, Sendable {
    /// The number of rows.
    public let rows: Int

    /// The size of the file in bytes.
    public let bytes: Int

    /// The SHA-256 of the file, 64 hexadecimal digits.
    public let sha256: String

    /// The run whose rows they are, `TrainingPlan.digest(on:)`; `nil` in records of earlier versions.
    public var run: String?

    /// Makes a description.
    public init(rows: Int, bytes: Int, sha256: String, run: String? = nil) {
      self.rows = rows
      self.bytes = bytes
      self.sha256 = sha256
      self.run = run
    }
  }

  /// How it stands.
  public var status: State

  /// Why it did not end well; `nil` otherwise.
  public var message: String?

  /// Seconds of work, over all of a run's sessions but for what a crash undid; `nil` while running.
  public var seconds: Double?

  /// The rows that the run left; `nil` while running, and in records of earlier versions.
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
