// Colors of terminal output.

/// A color of the terminal's palette, which is readable on any background.
public enum TextColor: Int, Sendable {
  /// An error.
  case red = 31
  /// A success.
  case green = 32
  /// A warning.
  case yellow = 33
  /// Decoration.
  case faint = 2

  /// The text between the escape sequences of this color (ECMA-48, SGR).
  public func paint(_ text: String) -> String { "\u{1B}[\(rawValue)m\(text)\u{1B}[0m" }
}

/// A part of a line with an optional color.
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
