// The last lines of a terminal, drawn again and again in place.
//
// A frame is one write: the cursor goes up to the first of its lines, each line is written over and
// cleared behind its end, and what is left below is cleared last. Nothing is ever blank in between, and
// after each frame the cursor is visible and stands below the lines, so that a process may end at any moment and
// leave the terminal as a shell wants it.
//
// A window that becomes narrower breaks lines in two, as most terminals do it today; what the terminal thereby
// scrolls out of sight stays in its history. The terminal remembers which lines it has broken, and joins them again
// when the window becomes wider: so in a window of another width the old lines are cleared first, which makes it
// forget that, within the same write.

/// Lines that move.
struct LiveRegion: Sendable {
  /// The widths of the lines that are there, as they were written.
  private var drawn: [Int] = []
  private var last = ""

  /// The window that the lines were drawn for; `nil` before the first frame.
  private(set) var window: TerminalWindow?

  private static let clearToEnd = "\u{1B}[K"
  private static let clearBelow = "\u{1B}[J"

  /// The next frame.
  ///
  /// - Parameters:
  ///   - above: Lines that stay, above the moving ones.
  ///   - lines: The moving lines; they replace those of the last frame.
  ///   - window: The window now. It may have become narrower, and then the terminal has broken lines in two.
  ///   - inColor: Whether colors are shown.
  /// - Returns: What to write at once; empty if nothing has changed.
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
    drawn = lines.map { $0.reduce(0) { $0 + $1.text.count } }
    // The cursor is hidden, and the terminal asked to show the frame as a whole, for the time of this write.
    return "\u{1B}[?2026h\u{1B}[?25l" + start + body + "\u{1B}[?25h\u{1B}[?2026l"
  }

  /// A line without the spaces at its end, which a narrower window would break off like words.
  private static func trimmed(_ line: [ColoredText]) -> [ColoredText] {
    var line = line
    while let last = line.popLast() {
      let text = String(last.text.reversed().drop { $0 == " " }.reversed())
      guard text.isEmpty else { return line + [ColoredText(text, last.color)] }
    }
    return line
  }
}
