// A table made to fit a screen.

import Messages

extension TextTable {
  /// Aligned text that fits a screen, with a line that says which columns are missing.
  ///
  /// - Parameters:
  ///   - columns: The most columns of a line.
  ///   - order: Headings of columns that may go, the least important first.
  ///   - elsewhere: Where they all are.
  /// - Returns: Lines, each with its end.
  public func aligned(within columns: Int, dropping order: [String], elsewhere: String) -> String {
    let (table, lost) = fitting(columns, dropping: order)
    guard !lost.isEmpty else { return table.aligned }
    let remark = "not shown: \(lost.joined(separator: ", ")) (\(elsewhere))"
    return table.aligned + remark.wrapped(to: columns, indent: 2).map { $0 + "\n" }.joined()
  }

  /// The table without its least important columns, as far as that is needed to fit.
  ///
  /// - Parameters:
  ///   - columns: The most columns of a line.
  ///   - order: Headings of columns that may go, the least important first.
  /// - Returns: The table, and the headings that it lost. When it is still too wide its longest cells are
  ///   shortened, as far as that helps.
  public func fitting(_ columns: Int, dropping order: [String]) -> (
    table: TextTable, lost: [String]
  ) {
    // Widths are taken once: a table may have a row for each of ten thousand runs.
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

  /// Some of the rows.
  ///
  /// - Parameters:
  ///   - count: The most rows.
  ///   - isImportant: Which rows are left out last.
  /// - Returns: The first important and then the first other rows, in their old order.
  public func limited(to count: Int, keeping isImportant: ([String]) -> Bool) -> TextTable {
    guard rows.count > count else { return self }
    let ordered =
      rows.indices.filter { isImportant(rows[$0]) }
      + rows.indices.filter { !isImportant(rows[$0]) }
    return TextTable(
      headings: headings, rows: ordered.prefix(max(0, count)).sorted().map { rows[$0] })
  }

  /// The width of each column.
  var widths: [Int] {
    let printed = printed
    return headings.indices.map { column in printed.map { $0[column].printedWidth }.max() ?? 0 }
  }
}
