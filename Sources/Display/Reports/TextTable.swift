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
  /// What isn't printed, and names in a file of somebody else may hold, is a blank; widths are those of what is printed.
  public var aligned: String {
    let widths = widths
    let isNumeric = numericColumns
    return printed.map { line in
      let cells = line.indices.map { column in
        let width = widths[column] - line[column].printedWidth
        let padding = String(repeating: " ", count: width)
        return isNumeric[column] ? padding + line[column] : line[column] + padding
      }
      let text = cells.joined(separator: "  ")
      return String(text.reversed().drop { $0 == " " }.reversed()) + "\n"
    }.joined()
  }

  /// Headings and cells as they are printed, each in one line.
  var printed: [[String]] { ([headings] + rows).map { $0.map(\.inOneLine) } }

  /// Which columns hold numbers, missing ones and infinite ones among them.
  var numericColumns: [Bool] {
    headings.indices.map { column in
      let cells = rows.map { $0[column] }.filter { !$0.isEmpty }
      return !cells.isEmpty && cells.allSatisfy(Self.isNumber)
    }
  }

  /// Whether a cell begins as a number does, and not as the name of a layer such as `0.weight`.
  private static func isNumber(_ cell: String) -> Bool {
    guard let first = cell.first, first.isNumber || first == "-" else {
      return ["inf", "nan", "–"].contains(cell)
    }
    return cell.drop { $0 != "." }.dropFirst().first?.isLetter != true
  }

  /// The table with a column before the first, with the same cell in each row.
  ///
  /// - Parameters:
  ///   - heading: The column's.
  ///   - cell: What is in it.
  /// - Returns: The wider table.
  public func preceded(by heading: String, _ cell: String) -> TextTable {
    TextTable(headings: [heading] + headings, rows: rows.map { [cell] + $0 })
  }

  /// Comma-separated values (RFC 4180), a heading line first.
  public var commaSeparated: String {
    TextTable(headings: headings, rows: [headings]).commaSeparatedRows + commaSeparatedRows
  }

  /// The same without the heading line.
  public var commaSeparatedRows: String {
    rows.map { line in
      line.map { cell in
        // By code points: a comma is one also where a combining mark follows.
        cell.unicodeScalars.contains { ",\"\r\n".unicodeScalars.contains($0) }
          ? "\"\(cell.unicodeScalars.map { $0 == "\"" ? "\"\"" : String($0) }.joined())\"" : cell
      }.joined(separator: ",") + "\n"
    }.joined()
  }
}
