import Synchronization

/// When a run writes checkpoints, and how it can be canceled.
public struct CheckpointPolicy: Sendable {
  /// The maximum work that a crash can undo, in seconds.
  public let checkpointInterval: Double

  /// The cancellation that the run observes.
  public let cancellation: Cancellation

  /// Makes a policy.
  ///
  /// - Parameters:
  ///   - checkpointInterval: Seconds between checkpoints; 0 for one after every update.
  ///   - cancellation: The cancellation that the run observes.
  public init(checkpointInterval: Double = 60, cancellation: Cancellation = Cancellation()) {
    self.checkpointInterval = checkpointInterval
    self.cancellation = cancellation
  }
}

/// A request to interrupt runs after their current update, with a checkpoint.
public final class Cancellation: Sendable {
  private let reason = Atomic<Int32>(0)

  /// Makes a cancellation that has not been requested.
  public init() {}

  /// Requests cancellation of every run that observes this value; only the first request counts.
  ///
  /// - Parameter signal: The number of the operating system's signal that caused the request.
  public func request(signal: Int32) {
    _ = reason.compareExchange(expected: 0, desired: signal, ordering: .relaxed)
  }

  /// The signal; `nil` before the first request.
  public var signal: Int32? {
    let signal = reason.load(ordering: .relaxed)
    return signal == 0 ? nil : signal
  }

  /// Throws if cancellation has been requested.
  ///
  /// - Throws: `Interrupted`.
  public func check() throws(Interrupted) {
    if let signal { throw Interrupted(signal: signal) }
  }
}

/// An error for interrupted work; a run resumes when it is started again.
public struct Interrupted: Error, Equatable {
  /// The signal that caused the request.
  public let signal: Int32
}
