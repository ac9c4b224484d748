// The few colors that mean something.

/// A color of the terminal's own palette, so that it can be read on any background.
public enum TextColor: Int, Sendable {
  /// Something is wrong.
  case red = 31
  /// Something is as hoped.
  case green = 32
  /// Something deserves a look.
  case yellow = 33
  /// Something that only guides the eye.
  case faint = 2

  /// A text in this color, in a terminal's own words (ECMA-48, SGR).
  public func paint(_ text: String) -> String { "\u{1B}[\(rawValue)m\(text)\u{1B}[0m" }
}

/// A piece of a line, and its color where colors are shown.
struct ColoredText: Equatable, Sendable {
  let text: String
  let color: TextColor?

  init(_ text: String, _ color: TextColor? = nil) {
    self.text = text
    self.color = color
  }

  func shown(inColor: Bool) -> String {
    guard inColor, let color, !text.isEmpty else { return text }
    return color.paint(text)
  }
}
