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

  /// The text with its middle left out where it is too long: what tells names apart is mostly at their ends.
  func shortened(to columns: Int) -> String {
    guard count > columns else { return self }
    guard columns > 2 else { return String(prefix(Swift.max(0, columns))) }
    let head = (columns - 1) / 2
    return prefix(head) + "…" + suffix(columns - 1 - head)
  }

  /// The text with spaces up to a width, before it or behind it.
  func padded(to columns: Int, isNumber: Bool = false) -> String {
    let spaces = String(repeating: " ", count: Swift.max(0, columns - count))
    return isNumber ? spaces + self : self + spaces
  }
}

/// A time as people read it: `1:30` for a minute and a half, `2:05:00` for two hours and five minutes.
func clockText(_ seconds: Double) -> String {
  let whole = seconds < 1e9 ? Int(seconds.rounded(.up)) : 1_000_000_000
  let (hours, minutes, rest) = (whole / 3600, whole / 60 % 60, whole % 60)
  let tail = (rest < 10 ? "0" : "") + "\(rest)"
  return hours > 0 ? "\(hours):\(minutes < 10 ? "0" : "")\(minutes):\(tail)" : "\(minutes):\(tail)"
}

extension String {
  /// The text with a blank for every control character: a file of another process may hold any, and a terminal
  /// obeys them.
  var inOneLine: String {
    String(
      String.UnicodeScalarView(
        unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
  }
}
