// The wish to stop, from outside.

import Synchronization

/// A request that runs under way stop at their next update, with a checkpoint.
public final class Cancellation: Sendable {
  private let reason = Atomic<Int32>(0)

  /// No request yet.
  public init() {}

  /// Asks every run that has this value to stop; the first request stays.
  ///
  /// - Parameter signal: The number of the operating system's signal that is behind it.
  public func request(signal: Int32) {
    _ = reason.compareExchange(expected: 0, desired: signal, ordering: .relaxed)
  }

  /// The signal, once there has been a request.
  public var signal: Int32? {
    let signal = reason.load(ordering: .relaxed)
    return signal == 0 ? nil : signal
  }

  /// Stops here if there has been a request.
  ///
  /// - Throws: `Interrupted`.
  public func check() throws(Interrupted) {
    if let signal { throw Interrupted(signal: signal) }
  }
}

/// Work that stopped on request; a run goes on when it is asked for again.
public struct Interrupted: Error, Equatable {
  /// The signal behind the request.
  public let signal: Int32
}
