// Text made to fit.

extension String {
  /// The text in lines of limited width, broken at spaces; a longer word is broken wherever it must be.
  ///
  /// - Parameters:
  ///   - columns: The most characters of a line, at least 1.
  ///   - indent: Spaces before each line but the first.
  /// - Returns: The lines; one, empty, for an empty text.
  public func wrapped(to columns: Int, indent: Int = 0) -> [String] {
    let columns = Swift.max(1, columns)
    let indent = String(repeating: " ", count: Swift.min(indent, columns - 1))
    var lines = [""]
    for word in split(separator: " ", omittingEmptySubsequences: false) {
      var rest = word
      let isFirst = lines.count == 1 && lines[0].isEmpty
      if !isFirst, lines[lines.count - 1].count + 1 + rest.count <= columns {
        lines[lines.count - 1] += " " + rest
        continue
      }
      if !isFirst { lines.append(indent) }
      while lines[lines.count - 1].count + rest.count > columns {
        let room = columns - lines[lines.count - 1].count
        lines[lines.count - 1] += rest.prefix(room)
        rest = rest.dropFirst(room)
        lines.append(indent)
      }
      lines[lines.count - 1] += rest
    }
    return lines
  }

  /// The text with a blank for everything that isn't printed.
  ///
  /// That is control characters, ends of lines and paragraphs, and invisible ones, which turn the direction of writing for
  /// example. A file may hold any, and a terminal obeys them.
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
