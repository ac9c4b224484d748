// A table in plain text, or as comma-separated values.

import Messages

/// Rows under headings.
public struct TextTable: Equatable, Sendable {
  /// The headings.
  public let headings: [String]

  /// The cells, a row each, as many as headings.
  public let rows: [[String]]

  /// Makes a table.
  public init(headings: [String], rows: [[String]]) {
    precondition(
      rows.allSatisfy { $0.count == headings.count }, "rows unlike the headings \(headings)")
    self.headings = headings
    self.rows = rows
  }

  /// Aligned text, two spaces between columns: numbers to the right, words to the left.
  ///
  /// Control characters, which names in a file of somebody else may hold, are blanks.
  public var aligned: String {
    let lines = ([headings] + rows).map { $0.map(\.inOneLine) }
    let widths = widths
    let isNumeric = headings.indices.map { column in
      rows.contains { $0[column].first?.isNumber == true }
        && rows.allSatisfy { $0[column].first.map { $0.isNumber || $0 == "-" } ?? true }
    }
    return lines.map { line in
      let cells = line.indices.map { column in
        let padding = String(repeating: " ", count: widths[column] - line[column].count)
        return isNumeric[column] ? padding + line[column] : line[column] + padding
      }
      let text = cells.joined(separator: "  ")
      return String(text.reversed().drop { $0 == " " }.reversed()) + "\n"
    }.joined()
  }

  /// Comma-separated values (RFC 4180), a heading line first.
  public var commaSeparated: String {
    ([headings] + rows).map { line in
      line.map { cell in
        cell.contains { ",\"\n".contains($0) }
          ? "\"\(cell.replacing("\"", with: "\"\""))\"" : cell
      }.joined(separator: ",") + "\n"
    }.joined()
  }
}
