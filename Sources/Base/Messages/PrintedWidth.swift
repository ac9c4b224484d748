// How wide a text is on a screen.

extension String {
  /// The columns that a text takes in a terminal, once it is in one line.
  ///
  /// The sum over its code points: none for combining marks and what else has no width of its own, two for East Asian
  /// wide characters and emoji, one for all others. Terminals differ in the width of joined emoji.
  ///
  /// Reference: Unicode Standard Annex 11, "East Asian Width"; M. Kuhn, "wcwidth" (2007).
  public var printedWidth: Int {
    if utf8.allSatisfy({ $0 < 0x80 }) { return utf8.count }
    return unicodeScalars.reduce(0) { $0 + $1.printedWidth }
  }

  /// The beginning of a text that fits.
  ///
  /// - Parameter columns: The columns that there are.
  /// - Returns: As many whole code points as are at most so wide.
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
  /// Blocks of wide characters: Hangul's initial letters, CJK and its neighbors, Yi, Hangul, compatibility and
  /// full-width forms, pictures, and the CJK planes.
  private static let wide: [ClosedRange<UInt32>] = [
    0x1100...0x115f, 0x2e80...0x303e, 0x3041...0xa4cf, 0xa960...0xa97f, 0xac00...0xd7a3,
    0xf900...0xfaff, 0xfe30...0xfe6f, 0xff01...0xff60, 0xffe0...0xffe6, 0x20000...0x3fffd,
  ]

  /// 0, 1 or 2 columns.
  fileprivate var printedWidth: Int {
    switch properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format: return 0
    // The middle and the end of a Hangul syllable join its beginning.
    default: if (0x1160...0x11ff).contains(value) { return 0 }
    }
    // Two of the letters of flags are one picture.
    let isFlag = (0x1f1e6...0x1f1ff).contains(value)
    let isWide =
      properties.isEmojiPresentation && !isFlag || Self.wide.contains { $0.contains(value) }
    return isWide ? 2 : 1
  }
}
