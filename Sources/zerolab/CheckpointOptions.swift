// Options for earlier results and checkpoints, and the handling of signals.

import ArgumentParser
import Foundation
import ZerOExecution

/// Resuming of runs.
struct CheckpointOptions: ParsableArguments {
  /// The treatment of earlier results.
  enum EarlierResults: String, EnumerableFlag {
    case resume, fresh

    static func help(for value: EarlierResults) -> ArgumentHelp? {
      switch value {
      case .resume: "Resume unfinished runs; this is the default."
      case .fresh: "Move earlier results aside and start again."
      }
    }
  }

  @Flag var earlierResults = EarlierResults.resume

  @Option(
    parsing: .unconditional,
    help: "Seconds between checkpoints; a crash loses at most that much work.")
  var checkpointEvery = 60.0

  func validate() throws {
    guard checkpointEvery >= 0 else {
      throw ValidationError("--checkpoint-every is \(checkpointEvery); it must be at least 0")
    }
  }

  /// Whether earlier results are moved aside.
  var isFresh: Bool { earlierResults == .fresh }

  /// The checkpoint policy; the first Ctrl-C, SIGTERM or SIGHUP ends the run.
  func policy(endingAt cancellation: Cancellation) -> CheckpointPolicy {
    CheckpointPolicy(checkpointInterval: checkpointEvery, cancellation: cancellation)
  }
}

/// Handles Ctrl-C, SIGTERM and SIGHUP until it is destroyed: the first signal requests an orderly end, the second ends
/// the process.
///
/// A lost connection can send SIGHUP several times, so a repeated SIGHUP does not end the process. SIGHUP stays ignored
/// if it was ignored at the start, as under nohup.
final class SignalListener {
  private let sources: [(number: Int32, source: any DispatchSourceSignal)]

  /// Installs the handlers.
  ///
  /// - Parameters:
  ///   - cancellation: Receives the request.
  ///   - moment: The time of the orderly end, in words.
  ///   - say: Prints the effect of the first signal.
  init(
    _ cancellation: Cancellation, stopping moment: String = "after this update",
    say: @escaping @Sendable (String) -> Void
  ) {
    // Work continues when the reader of the output is gone; a write error is reported at the end.
    signal(SIGPIPE, SIG_IGN)
    sources = [SIGINT, SIGTERM, SIGHUP].compactMap { number in
      let earlier = signal(number, SIG_IGN)
      if number == SIGHUP, Self.isIgnoring(earlier) { return nil }
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler {
        if cancellation.signal != nil {
          if number == SIGHUP { return }
          _exit(128 + number)
        }
        cancellation.request(signal: number)
        say("stopping \(moment); repeat the signal to stop at once")
      }
      source.resume()
      return (number, source)
    }
  }

  /// Whether a handler returned by the operating system ignores the signal.
  private static func isIgnoring(_ handler: (@convention(c) (Int32) -> Void)?) -> Bool {
    unsafe unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }

  deinit {
    for (number, source) in sources {
      source.cancel()
      signal(number, SIG_DFL)
    }
  }
}
