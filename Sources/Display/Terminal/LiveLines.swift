// Lines that change while a command waits.

import Foundation
import ZerOMessages

/// Lines at the bottom of the terminal behind standard error, drawn in place; drawn on a terminal only.
public struct LiveLines: Sendable {
  private var region = LiveRegion()

  /// Whether lines can be drawn: standard error is a terminal.
  public static var isPossible: Bool {
    TerminalWindow.movesCursor(ProcessInfo.processInfo.environment)
      && TerminalWindow(behind: STDERR_FILENO) != nil
  }

  /// Draws nothing yet.
  public init() {}

  /// The text that draws lines in place of those drawn before.
  ///
  /// - Parameter lines: The lines. Those that do not fit the window are cut, at the end and on the right.
  /// - Returns: The text to write, in one piece; empty without a terminal, and if nothing has changed.
  public mutating func text(_ lines: [String]) -> String {
    guard TerminalWindow.movesCursor(ProcessInfo.processInfo.environment),
      let window = TerminalWindow(behind: STDERR_FILENO)
    else { return "" }
    let shown = lines.prefix(max(0, window.rows - 1)).map { line in
      [ColoredText(line.prefix(fitting: window.columns - 1))]
    }
    return region.frame(above: [], lines: shown, window: window, inColor: false)
  }
}
