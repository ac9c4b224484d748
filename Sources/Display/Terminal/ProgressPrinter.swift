// What a style prints when something has happened.

import Foundation
import Messages

/// How progress is shown.
public enum ProgressStyle: Sendable {
  /// Moving lines at the bottom of a terminal.
  ///
  /// - Parameters:
  ///   - isColored: Whether colors are shown.
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
  ///   - environment: Names the kind of terminal, and whether colors are welcome.
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

  /// What is said with the next frame: thousands of runs may be kept at once.
  private var pending: [Remark] = []

  /// Frames are at least so many seconds apart.
  private static var pause: Double { 0.1 }

  init(_ style: ProgressStyle) { self.style = style }

  /// What to write now.
  ///
  /// - Parameters:
  ///   - remarks: What to say once.
  ///   - changed: The runs that have been measured.
  ///   - board: All runs.
  ///   - time: In seconds, of a clock that never goes back.
  ///   - saysAtOnce: Whether what there is to say need not wait for the next frame.
  /// - Returns: The text, for one write; empty for nothing.
  mutating func text(
    _ remarks: [Remark], changed: [Key] = [], of board: ProgressBoard<Key>, at time: Double,
    saysAtOnce: Bool = false
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
      pending += remarks
      guard time - drawn >= Self.pause || saysAtOnce && !pending.isEmpty else { return "" }
      drawn = time
      let window = window()
      return region.frame(
        above: takePending(in: window), lines: board.lines(in: window, at: time), window: window,
        inColor: isColored)
    }
  }

  /// Whether a frame is due before the usual second is over: there is something to say, or the window has another size
  /// than the one that was last drawn for.
  var isPressed: Bool {
    guard case .live(_, let window) = style else { return false }
    return !pending.isEmpty || region.window.map { window() != $0 } ?? false
  }

  /// What to write at the end: the moving lines go away.
  mutating func ending() -> String {
    guard case .live(let isColored, let window) = style else { return "" }
    let size = window()
    return region.frame(
      above: takePending(in: size), lines: [], window: size, inColor: isColored)
  }

  private mutating func takePending(in window: TerminalWindow) -> [[ColoredText]] {
    defer { pending = [] }
    return pending.flatMap { Self.lines($0, columns: window.columns - 1) }
  }

  private static func lines(_ remark: Remark, columns: Int) -> [[ColoredText]] {
    "\(remark.label) \(remark.text)".wrapped(to: columns, indent: 2).map {
      [ColoredText($0, remark.color)]
    }
  }
}
