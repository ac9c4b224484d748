// What becomes of earlier results, and of these ones.

import ArgumentParser
import Execution
import Foundation

/// How runs are taken up again.
struct CheckpointOptions: ParsableArguments {
  /// What happens to results that are already there.
  enum EarlierResults: String, EnumerableFlag {
    case resume, fresh

    static func help(for value: EarlierResults) -> ArgumentHelp? {
      switch value {
      case .resume: "Go on with what is unfinished; this is the default."
      case .fresh: "Move earlier results aside and begin again."
      }
    }
  }

  @Flag var earlierResults = EarlierResults.resume

  @Option(
    parsing: .unconditional,
    help: "Seconds from one checkpoint to the next, the most that a crash can undo.")
  var checkpointEvery = 60.0

  func validate() throws {
    guard checkpointEvery >= 0 else {
      throw ValidationError("--checkpoint-every is \(checkpointEvery); it must be at least 0")
    }
  }

  /// Whether earlier results are moved aside.
  var isFresh: Bool { earlierResults == .fresh }

  /// Checkpoints as asked for, and an end at the first Ctrl-C, SIGTERM or SIGHUP.
  func policy(endingAt cancellation: Cancellation) -> CheckpointPolicy {
    CheckpointPolicy(checkpointInterval: checkpointEvery, cancellation: cancellation)
  }
}

/// Listens to Ctrl-C, SIGTERM and SIGHUP as long as it lives: the first one is a request, the second ends the
/// process.
///
/// A lost connection may send SIGHUP several times, so that one is no second request; where it was ignored when the
/// process began, as nohup has it, it stays so.
final class SignalListener {
  private let sources: [(number: Int32, source: any DispatchSourceSignal)]

  /// Begins to listen.
  ///
  /// - Parameters:
  ///   - cancellation: Gets the request.
  ///   - moment: When what is under way ends.
  ///   - say: Tells the user what the first one does.
  init(
    _ cancellation: Cancellation, stopping moment: String = "after this update",
    say: @escaping @Sendable (String) -> Void
  ) {
    // Work goes on when whoever read the output has gone; the end says that it could not be written.
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
        say("stopping \(moment); once more to stop at once")
      }
      source.resume()
      return (number, source)
    }
  }

  /// Whether a signal's handler, as the operating system gives it back, is none: the number 1.
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
