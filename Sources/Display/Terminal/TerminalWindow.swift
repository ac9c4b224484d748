// The terminal that a person looks at, if there is one.

import Foundation

/// The size of a terminal's window, in characters.
public struct TerminalWindow: Equatable, Sendable {
  /// Characters of a line.
  public let columns: Int

  /// Lines.
  public let rows: Int

  /// Makes a size; what is less than 1 counts as 1.
  public init(columns: Int, rows: Int) {
    self.columns = max(1, columns)
    self.rows = max(1, rows)
  }

  /// The window behind a stream, as it is now: `nil` if it is no terminal, 80 × 24 for one that doesn't tell.
  ///
  /// - Parameter stream: `STDERR_FILENO` or `STDOUT_FILENO`.
  public init?(behind stream: Int32) {
    guard isatty(stream) == 1 else { return nil }
    var size = winsize()
    let isTold = unsafe ioctl(stream, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
    self.init(
      columns: isTold ? Int(size.ws_col) : 80,
      rows: isTold && size.ws_row > 0 ? Int(size.ws_row) : 24)
  }

  /// Whether a terminal can move its cursor: not with `TERM=dumb`.
  public static func movesCursor(_ environment: [String: String]) -> Bool {
    environment["TERM"] != "dumb"
  }

  /// Whether colors are welcome: not with `TERM=dumb`, nor with a `NO_COLOR` that isn't empty
  /// (no-color.org).
  public static func showsColors(_ environment: [String: String]) -> Bool {
    movesCursor(environment) && environment["NO_COLOR", default: ""].isEmpty
  }
}
