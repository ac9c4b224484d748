// The last lines of a terminal, redrawn in place.
//
// A frame is one write. The cursor moves up to the first line, each line is overwritten and cleared behind its end,
// and the area below is cleared last, so nothing flickers. After each frame the cursor is visible below the lines,
// so a process may end at any time and leave a usable terminal.
//
// Most terminals wrap lines when the window becomes narrower; lines that scroll out of sight stay in the history.
// The terminal joins wrapped lines again when the window becomes wider. If the width has changed, the frame
// therefore clears the old lines first, within the same write.

import ZerOMessages

/// Lines at the bottom of a terminal that are redrawn in place.
struct LiveRegion: Sendable {
  /// The widths of the lines of the last frame.
  private var drawn: [Int] = []
  private var last = ""

  /// The window of the last frame; `nil` before the first frame.
  private(set) var window: TerminalWindow?

  private static let clearToEnd = "\u{1B}[K"
  private static let clearBelow = "\u{1B}[J"

  /// The next frame.
  ///
  /// - Parameters:
  ///   - above: Permanent lines, printed above the moving ones.
  ///   - lines: The moving lines; they replace the moving lines of the last frame.
  ///   - window: The current window. If it has become narrower, the terminal has wrapped lines.
  ///   - inColor: Whether colors are shown.
  /// - Returns: The text for one write; empty if nothing has changed.
  mutating func frame(
    above: [[ColoredText]], lines: [[ColoredText]], window: TerminalWindow, inColor: Bool
  ) -> String {
    let up = drawn.reduce(0) { sum, width in
      sum + max(1, (width + window.columns - 1) / window.columns)
    }
    let (above, lines) = (above.map(Self.trimmed), lines.map(Self.trimmed))
    let shown = (above + lines).map { $0.map { $0.shown(inColor: inColor) }.joined() }
    let body = shown.map { $0 + Self.clearToEnd + "\n" }.joined() + Self.clearBelow
    let isRedrawn = up > 0 && self.window.map { $0.columns != window.columns } ?? false
    self.window = window
    let start =
      "\r" + (up > 0 ? "\u{1B}[\(up)A" : "") + (isRedrawn ? Self.clearBelow : "")
    guard !above.isEmpty || start + body != last, !(shown.isEmpty && drawn.isEmpty) else {
      return ""
    }
    last = start + body
    drawn = lines.map { $0.reduce(0) { $0 + $1.text.printedWidth } }
    // During the write the cursor is hidden and the terminal delays its output (synchronized output, mode 2026).
    return "\u{1B}[?2026h\u{1B}[?25l" + start + body + "\u{1B}[?25h\u{1B}[?2026l"
  }

  /// A line without trailing spaces, which a narrower window would wrap.
  private static func trimmed(_ line: [ColoredText]) -> [ColoredText] {
    var line = line
    while let last = line.popLast() {
      let text = String(last.text.reversed().drop { $0 == " " }.reversed())
      guard text.isEmpty else { return line + [ColoredText(text, last.color)] }
    }
    return line
  }
}
