// Progress of one task, for slow commands that execute no runs.

import Foundation
import Synchronization

/// A line on standard error with the fraction done and the time left; printed on a terminal only.
public final class ProgressLine: Sendable {
  private struct State {
    var region = LiveRegion()
    var lastDrawn: Double?
  }

  private let title: String
  private let isQuiet: Bool
  private let start = ContinuousClock.now
  private let state = Mutex(State())

  /// Starts the clock; nothing is drawn during the first second.
  ///
  /// - Parameters:
  ///   - title: The name of the task.
  ///   - isQuiet: Whether to draw nothing.
  public init(_ title: String, isQuiet: Bool) {
    self.title = title
    self.isQuiet =
      isQuiet
      || !TerminalWindow.movesCursor(ProcessInfo.processInfo.environment)
  }

  /// Draws the line, at most five times per second.
  ///
  /// - Parameter fraction: The fraction done, 0 … 1.
  public func show(_ fraction: Double) {
    let seconds = start.duration(to: .now) / .seconds(1)
    guard !isQuiet, seconds > 1, let window = TerminalWindow(behind: STDERR_FILENO) else { return }
    state.withLock { state in
      guard state.lastDrawn.map({ seconds - $0 > 0.2 }) ?? true else { return }
      state.lastDrawn = seconds
      let left = fraction > 0 ? seconds * (1 - fraction) / fraction : 0
      let text = Self.line(title, fraction, secondsLeft: left, columns: window.columns)
      Self.write(
        state.region.frame(above: [], lines: [[ColoredText(text)]], window: window, inColor: false))
    }
  }

  /// Removes the line.
  public func end() {
    guard !isQuiet, let window = TerminalWindow(behind: STDERR_FILENO) else { return }
    state.withLock { state in
      Self.write(state.region.frame(above: [], lines: [], window: window, inColor: false))
    }
  }

  /// For example `model.safetensors   45%  left 0:12`.
  static func line(_ title: String, _ fraction: Double, secondsLeft: Double, columns: Int)
    -> String
  {
    let numbers =
      String(format: "  %3.0f%%  left ", 100 * fraction) + clockText(min(secondsLeft, 359_999))
    return title.shortened(to: max(0, columns - 1 - numbers.count)) + numbers
  }

  private static func write(_ text: String) {
    try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
  }
}
