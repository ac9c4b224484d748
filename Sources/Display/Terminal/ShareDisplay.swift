// How much of one piece of work is done, for commands that take a while without being runs.

import Foundation
import Synchronization

/// A line on standard error with the share that is done and the time left, on a terminal alone.
public final class ShareDisplay: Sendable {
  private struct State {
    var region = LiveRegion()
    var lastDrawn: Double?
  }

  private let title: String
  private let isQuiet: Bool
  private let begun = ContinuousClock.now
  private let state = Mutex(State())

  /// Begins a display; nothing is drawn before the first second has passed.
  ///
  /// - Parameters:
  ///   - title: What is worked on.
  ///   - isQuiet: Draws nothing at all.
  public init(_ title: String, isQuiet: Bool) {
    self.title = title
    self.isQuiet =
      isQuiet
      || !TerminalWindow.movesCursor(ProcessInfo.processInfo.environment)
  }

  /// Draws, now and then.
  ///
  /// - Parameter share: What is done, 0 … 1.
  public func show(_ share: Double) {
    let seconds = begun.duration(to: .now) / .seconds(1)
    guard !isQuiet, seconds > 1, let window = TerminalWindow(behind: STDERR_FILENO) else { return }
    state.withLock { state in
      guard state.lastDrawn.map({ seconds - $0 > 0.2 }) ?? true else { return }
      state.lastDrawn = seconds
      let left = share > 0 ? seconds * (1 - share) / share : 0
      let text = Self.line(title, share, secondsLeft: left, columns: window.columns)
      Self.write(
        state.region.frame(above: [], lines: [[ColoredText(text)]], window: window, inColor: false))
    }
  }

  /// Takes the line away.
  public func end() {
    guard !isQuiet, let window = TerminalWindow(behind: STDERR_FILENO) else { return }
    state.withLock { state in
      Self.write(state.region.frame(above: [], lines: [], window: window, inColor: false))
    }
  }

  /// For example `model.safetensors   45%  left 0:12`.
  static func line(_ title: String, _ share: Double, secondsLeft: Double, columns: Int) -> String {
    let seconds = Int(min(secondsLeft.rounded(.up), 359_999))
    let time = String(format: "%d:%02d", seconds / 60, seconds % 60)
    let numbers = String(format: "  %3.0f%%  left ", 100 * share) + time
    let room = max(0, columns - 1 - numbers.count)
    let name = title.count > room ? "…" + title.suffix(max(0, room - 1)) : title
    return name + numbers
  }

  private static func write(_ text: String) {
    try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
  }
}
