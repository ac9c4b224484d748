// What becomes of earlier results, and of these ones.

import ArgumentParser
import Execution
import Foundation

/// How runs are taken up again.
struct SurvivalOptions: ParsableArguments {
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

  /// Checkpoints as asked for, and an end at the first Ctrl-C or SIGTERM.
  func choice(endingAt interruption: Interruption) -> Survival {
    Survival(checkpointInterval: checkpointEvery, interruption: interruption)
  }
}

/// Listens to Ctrl-C and SIGTERM as long as it lives: the first one is a request, the second ends the
/// process.
final class SignalListener {
  private let sources: [any DispatchSourceSignal]

  /// Begins to listen.
  ///
  /// - Parameters:
  ///   - interruption: Gets the request.
  ///   - moment: When what is under way ends.
  ///   - say: Tells the user what the first one does.
  init(
    _ interruption: Interruption, stopping moment: String = "after this update",
    say: @escaping @Sendable (String) -> Void
  ) {
    sources = [SIGINT, SIGTERM].map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler {
        if interruption.signal != nil { _exit(128 + number) }
        interruption.request(signal: number)
        say("stopping \(moment); once more to stop at once")
      }
      source.resume()
      return source
    }
  }

  deinit {
    for source in sources { source.cancel() }
    for number in [SIGINT, SIGTERM] { signal(number, SIG_DFL) }
  }
}
