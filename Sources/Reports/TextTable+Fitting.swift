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
    var table = self
    var lost: [String] = []
    for heading in order where table.width > columns {
      guard let place = table.headings.firstIndex(of: heading) else { continue }
      table = table.without(column: place)
      lost.append(heading)
    }
    while table.width > columns, let place = table.widestColumn, table.widths[place] > 6 {
      table = table.shortened(column: place, to: table.widths[place] - 1)
    }
    return (table, lost)
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

  /// The width of the longest possible line.
  private var width: Int { widths.reduce(0, +) + 2 * max(0, headings.count - 1) }

  private var widestColumn: Int? {
    let widths = widths
    return widths.indices.max { widths[$0] < widths[$1] }
  }

  private func without(column: Int) -> TextTable {
    func rest(_ cells: [String]) -> [String] {
      cells.indices.filter { $0 != column }.map { cells[$0] }
    }
    return TextTable(headings: rest(headings), rows: rows.map(rest))
  }

  private func shortened(column: Int, to width: Int) -> TextTable {
    func short(_ cells: [String]) -> [String] {
      cells.enumerated().map { index, cell in
        let text = cell.inOneLine
        return index == column && text.printedWidth > width
          ? text.prefix(fitting: width - 1) + "…" : cell
      }
    }
    return TextTable(headings: short(headings), rows: rows.map(short))
  }
}
