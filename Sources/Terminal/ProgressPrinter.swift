// What a style prints when something has happened.

import Foundation
import Messages

/// How progress is shown.
public enum ProgressStyle: Sendable {
  /// Moving lines at the bottom of a terminal.
  ///
  /// - Parameters:
  ///   - isColored: Whether colours are shown.
  ///   - window: The window's size, asked for at each frame.
  case live(isColored: Bool, window: @Sendable () -> TerminalWindow)

  /// A line every tenth of a run.
  case plain

  /// Nothing.
  case quiet

  /// What standard error is good for: moving lines on a terminal that can move its cursor.
  ///
  /// - Parameters:
  ///   - isPlain: Whether plain lines are asked for in any case.
  ///   - environment: Names the kind of terminal, and whether colours are welcome.
  public init(isPlain: Bool, environment: [String: String]) {
    guard !isPlain, TerminalWindow.movesCursor(environment),
      let window = TerminalWindow(behind: STDERR_FILENO)
    else {
      self = .plain
      return
    }
    self = .live(isColored: TerminalWindow.showsColors(environment)) {
      TerminalWindow(behind: STDERR_FILENO) ?? window
    }
  }
}

/// Something to say once about a run.
struct Remark: Equatable, Sendable {
  let label: String
  let text: String
  var color: TextColor?
}

/// Prints remarks and the state of a board.
struct ProgressPrinter<Key: Hashable & Sendable>: Sendable {
  let style: ProgressStyle
  private var region = LiveRegion()
  private var tenths: [Key: Int] = [:]
  private var drawn = -Double.infinity

  /// Frames are at least so many seconds apart, unless there is something to say.
  private static var pause: Double { 0.1 }

  init(_ style: ProgressStyle) { self.style = style }

  /// What to write now.
  ///
  /// - Parameters:
  ///   - remarks: What to say once.
  ///   - changed: The runs that have been measured.
  ///   - board: All runs.
  ///   - time: In seconds, of a clock that never goes back.
  /// - Returns: The text, for one write; empty for nothing.
  mutating func text(
    _ remarks: [Remark], changed: [Key] = [], of board: ProgressBoard<Key>, at time: Double
  ) -> String {
    switch style {
    case .quiet: return ""
    case .plain:
      let said = remarks.map { "\($0.label) \($0.text)\n" }
      let lines = changed.compactMap { key -> String? in
        guard let run = board.runs[key], !run.isOver else { return nil }
        let tenth = Int(10 * run.fraction)
        guard tenths.updateValue(tenth, forKey: key) != tenth else { return nil }
        return ProgressRow.plainLine(run, at: time) + "\n"
      }
      return (said + lines).joined()
    case .live(let isColored, let window):
      guard !remarks.isEmpty || time - drawn >= Self.pause else { return "" }
      drawn = time
      let window = window()
      let above = remarks.flatMap { Self.lines($0, columns: window.columns - 1) }
      return region.frame(
        above: above, lines: board.lines(in: window, at: time), window: window, inColor: isColored)
    }
  }

  /// Whether the window has another size than the one that was last drawn for.
  var isWindowChanged: Bool {
    guard case .live(_, let window) = style, let drawn = region.window else { return false }
    return window() != drawn
  }

  /// What to write at the end: the moving lines go away.
  mutating func ending() -> String {
    guard case .live(let isColored, let window) = style else { return "" }
    return region.frame(above: [], lines: [], window: window(), inColor: isColored)
  }

  private static func lines(_ remark: Remark, columns: Int) -> [[ColoredText]] {
    "\(remark.label) \(remark.text)".wrapped(to: columns, indent: 2).map {
      [ColoredText($0, remark.color)]
    }
  }
}
