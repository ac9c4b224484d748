// Styles of progress output, and the text that each style prints.

import Foundation
import ZerOMessages

/// The style of progress output.
public enum ProgressStyle: Sendable {
  /// Moving lines at the bottom of a terminal.
  ///
  /// - Parameters:
  ///   - isColored: Whether colors are shown.
  ///   - window: Returns the current size of the window; called for each frame.
  case live(isColored: Bool, window: @Sendable () -> TerminalWindow)

  /// One line per tenth of a run.
  case plain

  /// Nothing.
  case quiet

  /// Chooses a style for standard error: moving lines if it is a terminal that can move its cursor.
  ///
  /// - Parameters:
  ///   - isPlain: Whether to choose plain lines in any case.
  ///   - environment: The environment, of which `TERM` and `NO_COLOR` are read.
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

/// A message about one run, printed once.
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

  /// Remarks that wait for the next frame, since thousands of runs may report at once.
  private var pending: [Remark] = []

  /// The minimum time between two frames, in seconds.
  private static var frameInterval: Double { 0.1 }

  init(_ style: ProgressStyle) { self.style = style }

  /// The text to write now.
  ///
  /// - Parameters:
  ///   - remarks: New remarks.
  ///   - changed: The runs with new measurements.
  ///   - board: All runs.
  ///   - time: Seconds of a monotonic clock.
  ///   - isImmediate: Whether remarks are written without waiting for the next frame.
  /// - Returns: The text for one write; may be empty.
  mutating func text(
    _ remarks: [Remark], changed: [Key] = [], of board: ProgressBoard<Key>, at time: Double,
    isImmediate: Bool = false
  ) -> String {
    switch style {
    case .quiet: return ""
    case .plain:
      let remarkLines = remarks.map { "\($0.label) \($0.text)\n" }
      let lines = changed.compactMap { key -> String? in
        guard let run = board.runs[key], !run.isOver else { return nil }
        let tenth = Int(10 * run.fraction)
        guard tenths.updateValue(tenth, forKey: key) != tenth else { return nil }
        return ProgressRow.plainLine(run, at: time) + "\n"
      }
      return (remarkLines + lines).joined()
    case .live(let isColored, let window):
      pending += remarks
      guard time - drawn >= Self.frameInterval || isImmediate && !pending.isEmpty else { return "" }
      drawn = time
      let window = window()
      return region.frame(
        above: takePending(in: window), lines: board.lines(in: window, at: time), window: window,
        inColor: isColored)
    }
  }

  /// Whether a frame is due before the next regular one: a remark is pending, or the window's size has changed.
  var needsFrame: Bool {
    guard case .live(_, let window) = style else { return false }
    return !pending.isEmpty || region.window.map { window() != $0 } ?? false
  }

  /// The text to write at the end; it removes the moving lines.
  mutating func finish() -> String {
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
