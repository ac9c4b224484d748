// A table as plain text that fits a terminal, or as comma-separated values.

import ZerORequirements

/// A table of text cells with headings.
public struct TextTable: Equatable, Sendable {
  /// The headings of the columns.
  public let headings: [String]

  /// The cells of each row, one per heading.
  public let rows: [[String]]

  /// Creates a table.
  ///
  /// - Precondition: Every row has as many cells as there are headings.
  public init(headings: [String], rows: [[String]]) {
    require(
      rows.allSatisfy { $0.count == headings.count },
      "every row needs one cell per heading: \(headings)")
    self.headings = headings
    self.rows = rows
  }

  /// The table as text in columns two spaces apart: numbers aligned right, words aligned left.
  ///
  /// Characters that a terminal would interpret become spaces (see `String.inOneLine`), and widths are measured in
  /// terminal columns.
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

  /// Headings and cells as printed, each in one line.
  var printed: [[String]] { ([headings] + rows).map { $0.map(\.inOneLine) } }

  /// For each column, whether it contains numbers only; missing and infinite values count as numbers.
  public var numericColumns: [Bool] {
    headings.indices.map { column in
      let cells = rows.map { $0[column] }.filter { !$0.isEmpty }
      return !cells.isEmpty && cells.allSatisfy(Self.isNumber)
    }
  }

  /// Whether a cell starts like a number and not like the name of a layer, such as `0.weight`.
  private static func isNumber(_ cell: String) -> Bool {
    guard let first = cell.first, first.isNumber || first == "-" else {
      return ["inf", "nan", "–"].contains(cell)
    }
    return cell.drop { $0 != "." }.dropFirst().first?.isLetter != true
  }

  /// The table with an additional first column that has the same cell in every row.
  ///
  /// - Parameters:
  ///   - heading: The heading of the new column.
  ///   - cell: Its cell in every row.
  /// - Returns: The wider table.
  public func preceded(by heading: String, _ cell: String) -> TextTable {
    TextTable(headings: [heading] + headings, rows: rows.map { [cell] + $0 })
  }

  /// The table as comma-separated values (RFC 4180), starting with the heading line.
  public var commaSeparated: String {
    TextTable(headings: headings, rows: [headings]).commaSeparatedRows + commaSeparatedRows
  }

  /// The rows as comma-separated values, without the heading line.
  public var commaSeparatedRows: String {
    rows.map { line in
      line.map { cell in
        // Compares code points, since a comma followed by a combining mark is one `Character`.
        cell.unicodeScalars.contains { ",\"\r\n".unicodeScalars.contains($0) }
          ? "\"\(cell.unicodeScalars.map { $0 == "\"" ? "\"\"" : String($0) }.joined())\"" : cell
      }.joined(separator: ",") + "\n"
    }.joined()
  }
}

extension TextTable {
  /// The table as aligned text that fits a terminal, with a line that lists the omitted columns.
  ///
  /// - Parameters:
  ///   - columns: The width of the terminal.
  ///   - order: The headings of columns that may be omitted, least important first.
  ///   - elsewhere: The place where the reader finds the omitted columns.
  /// - Returns: The lines, each with its line ending.
  public func aligned(within columns: Int, dropping order: [String], elsewhere: String) -> String {
    let (table, lost) = fitting(columns, dropping: order)
    guard !lost.isEmpty else { return table.aligned }
    let remark = "not shown: \(lost.joined(separator: ", ")) (\(elsewhere))"
    return table.aligned + remark.wrapped(to: columns, indent: 2).map { $0 + "\n" }.joined()
  }

  /// The table without as many of its least important columns as is necessary to fit a width.
  ///
  /// If the table is still too wide, its widest columns are truncated, down to 6 terminal columns each.
  ///
  /// - Parameters:
  ///   - columns: The available terminal columns.
  ///   - order: The headings of columns that may be omitted, least important first.
  /// - Returns: The narrower table and the headings of the omitted columns.
  public func fitting(_ columns: Int, dropping order: [String]) -> (
    table: TextTable, lost: [String]
  ) {
    // Measures widths once: a table can have one row for each of ten thousand runs.
    var (places, widths) = (Array(headings.indices), widths)
    var isTooWide: Bool {
      places.reduce(0) { $0 + widths[$1] } + 2 * max(0, places.count - 1) > columns
    }
    var lost: [String] = []
    for heading in order where isTooWide {
      guard let place = places.firstIndex(where: { headings[$0] == heading }) else { continue }
      places.remove(at: place)
      lost.append(heading)
    }
    while isTooWide, let widest = places.max(by: { widths[$0] < widths[$1] }), widths[widest] > 6 {
      widths[widest] -= 1
    }
    func fitted(_ cells: [String]) -> [String] {
      places.map { place in
        let text = cells[place].inOneLine
        return text.printedWidth > widths[place]
          ? text.prefix(fitting: widths[place] - 1) + "…" : cells[place]
      }
    }
    return (TextTable(headings: fitted(headings), rows: rows.map(fitted)), lost)
  }

  /// The table with a limited number of rows.
  ///
  /// - Parameters:
  ///   - count: The maximum number of rows.
  ///   - isImportant: Whether a row is kept in preference to others.
  /// - Returns: The first important rows and, if there is room, the first other rows, in their original order.
  public func limited(to count: Int, keeping isImportant: ([String]) -> Bool) -> TextTable {
    guard rows.count > count else { return self }
    let ordered =
      rows.indices.filter { isImportant(rows[$0]) }
      + rows.indices.filter { !isImportant(rows[$0]) }
    return TextTable(
      headings: headings, rows: ordered.prefix(max(0, count)).sorted().map { rows[$0] })
  }

  /// The width of each column, in terminal columns.
  var widths: [Int] {
    let printed = printed
    return headings.indices.map { column in printed.map { $0[column].printedWidth }.max() ?? 0 }
  }
}
