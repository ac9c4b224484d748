// Text that fits a line: lists cut short, lines broken, widths measured.

/// The first three names of a list and the number of the others.
///
/// - Parameter names: The names, most important first.
/// - Returns: For example `a, b, c and 4 more`.
public func firstOf(_ names: [String]) -> String {
  names.prefix(3).joined(separator: ", ") + (names.count > 3 ? " and \(names.count - 3) more" : "")
}

/// A number with a noun in the right form.
///
/// - Parameters:
///   - count: The number.
///   - noun: A noun whose plural ends in an additional s.
/// - Returns: For example `1 update` or `20 updates`.
public func counted(_ count: Int, _ noun: String) -> String {
  "\(count) \(noun)\(count == 1 ? "" : "s")"
}

extension String {
  /// Breaks the text into lines at spaces.
  ///
  /// A word longer than a line is broken at the line's end.
  ///
  /// - Parameters:
  ///   - columns: The maximum width of a line in terminal columns, at least 1.
  ///   - indent: The number of spaces before each line except the first.
  /// - Returns: The lines; a single empty line for an empty text. A wide character may exceed a line of one column.
  public func wrapped(to columns: Int, indent: Int = 0) -> [String] {
    let columns = Swift.max(1, columns)
    let indent = String(repeating: " ", count: Swift.min(indent, columns - 1))
    var (lines, line) = ([String](), "")
    for word in split(separator: " ", omittingEmptySubsequences: false) {
      var rest = String(word)
      let isFirst = lines.isEmpty && line.isEmpty
      if !isFirst, line.printedWidth + 1 + rest.printedWidth <= columns {
        line += " " + rest
        continue
      }
      if !isFirst {
        lines.append(line)
        line = indent
      }
      while line.printedWidth + rest.printedWidth > columns {
        var head = rest.prefix(fitting: columns - line.printedWidth)
        if head.isEmpty { head = String(rest.unicodeScalars.prefix(1)) }
        guard head.unicodeScalars.count < rest.unicodeScalars.count else { break }
        rest = String(rest.unicodeScalars.dropFirst(head.unicodeScalars.count))
        lines.append(line + head)
        line = indent
      }
      line += rest
    }
    return lines + [line]
  }

  /// The text with a space in place of every character that a terminal would interpret.
  ///
  /// These are control characters, line and paragraph separators, and format characters such as those that change the
  /// direction of writing. Names read from a file can contain any of them.
  public var inOneLine: String {
    String(
      String.UnicodeScalarView(
        unicodeScalars.map { scalar in
          switch scalar.properties.generalCategory {
          case .control, .format, .lineSeparator, .paragraphSeparator: " "
          default: scalar
          }
        }))
  }
}

extension String {
  /// The width of the text in a terminal, in columns, if it is printed in one line.
  ///
  /// It is the sum over the code points: 0 for combining marks and format characters, 2 for East Asian wide
  /// characters and emoji, 1 for all others. Terminals disagree about the width of joined emoji.
  ///
  /// Reference: Unicode Standard Annex 11, "East Asian Width"; M. Kuhn, "wcwidth" (2007).
  public var printedWidth: Int {
    if utf8.allSatisfy({ $0 < 0x80 }) { return utf8.count }
    return unicodeScalars.reduce(0) { $0 + $1.printedWidth }
  }

  /// The longest prefix that fits a number of terminal columns.
  ///
  /// - Parameter columns: The available columns.
  /// - Returns: The prefix, cut between code points.
  public func prefix(fitting columns: Int) -> String {
    var (prefix, width) = (UnicodeScalarView(), 0)
    for scalar in unicodeScalars {
      width += scalar.printedWidth
      guard width <= columns else { break }
      prefix.append(scalar)
    }
    return String(prefix)
  }
}

extension Unicode.Scalar {
  /// Blocks of wide characters: Hangul initial consonants, CJK with kana and Yi, Hangul syllables, CJK compatibility
  /// and full-width forms, and the supplementary CJK planes.
  private static let wide: [ClosedRange<UInt32>] = [
    0x1100...0x115f, 0x2e80...0x303e, 0x3041...0xa4cf, 0xa960...0xa97f, 0xac00...0xd7a3,
    0xf900...0xfaff, 0xfe30...0xfe6f, 0xff01...0xff60, 0xffe0...0xffe6, 0x20000...0x3fffd,
  ]

  /// The width in a terminal: 0, 1 or 2 columns.
  fileprivate var printedWidth: Int {
    switch properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format: return 0
    // Medial vowels and final consonants of Hangul combine with the initial consonant.
    default: if (0x1160...0x11ff).contains(value) { return 0 }
    }
    // A flag is two regional indicators; each counts as one column.
    let isFlag = (0x1f1e6...0x1f1ff).contains(value)
    let isWide =
      properties.isEmojiPresentation && !isFlag || Self.wide.contains { $0.contains(value) }
    return isWide ? 2 : 1
  }
}
