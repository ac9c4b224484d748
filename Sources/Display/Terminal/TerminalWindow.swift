// Size and capabilities of the terminal.

import Foundation

/// The size of a terminal's window, in characters.
public struct TerminalWindow: Equatable, Sendable {
  /// The number of characters per line.
  public let columns: Int

  /// The number of lines.
  public let rows: Int

  /// Makes a size; values below 1 are replaced by 1.
  public init(columns: Int, rows: Int) {
    self.columns = max(1, columns)
    self.rows = max(1, rows)
  }

  /// The current size of a stream's terminal: `nil` if the stream is no terminal, 80 × 24 if the size is unknown.
  ///
  /// - Parameter stream: `STDERR_FILENO` or `STDOUT_FILENO`.
  public init?(behind stream: Int32) {
    guard isatty(stream) == 1 else { return nil }
    var size = winsize()
    let isKnown = unsafe ioctl(stream, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
    self.init(
      columns: isKnown ? Int(size.ws_col) : 80,
      rows: isKnown && size.ws_row > 0 ? Int(size.ws_row) : 24)
  }

  /// Whether the terminal can move its cursor: not with `TERM=dumb`.
  public static func movesCursor(_ environment: [String: String]) -> Bool {
    environment["TERM"] != "dumb"
  }

  /// Whether to use colors: not with `TERM=dumb`, nor with a nonempty `NO_COLOR` (no-color.org).
  public static func showsColors(_ environment: [String: String]) -> Bool {
    movesCursor(environment) && environment["NO_COLOR", default: ""].isEmpty
  }
}
