// The table of running runs, fitted to a window.

import Foundation
import ZerOMessages

/// A column of the progress table.
///
/// A narrow window drops whole columns and never cuts a number.
enum ProgressColumn: String, CaseIterable {
  case updates
  case epoch
  case speed = "images/s"
  case peak = "sgemm"
  case loss
  case rank
  case test
  case left

  /// All columns, the most important first.
  static let byImportance: [Self] = [.left, .rank, .loss, .speed, .peak, .epoch, .test, .updates]

  /// The minimum width, which keeps the column in place while its numbers grow.
  var leastWidth: Int {
    switch self {
    case .updates, .speed: 8
    case .epoch, .peak, .left: 5
    case .loss: 6
    case .rank: 4
    case .test: 7
    }
  }
}

/// Lays out rows of equal column widths; all widths are display widths.
struct ProgressTable {
  private let labelWidth: Int
  private let barLength: Int
  private let columns: [(ProgressColumn, width: Int)]
  private let width: Int

  private static let percentWidth = 4
  private static let space = 2

  /// Chooses the columns that fit.
  ///
  /// - Parameters:
  ///   - rows: The rows to lay out.
  ///   - width: The maximum width of a line.
  init(_ rows: [ProgressRow], width: Int) {
    self.width = max(1, width)
    let longest = rows.map(\.label.printedWidth).max() ?? 0
    let afterLabel = Self.space + Self.percentWidth
    labelWidth = min(longest, max(min(10, width - afterLabel), 2 * width / 5))
    var left = width - labelWidth - afterLabel
    var kept: [ProgressColumn: Int] = [:]
    let shortestBar = 5 + 3
    for column in ProgressColumn.byImportance
    where rows.contains(where: { $0.cells[column] != nil }) {
      // These three columns matter more than the bar.
      let reserve = [.left, .rank, .loss].contains(column) ? 0 : shortestBar
      let cells = rows.compactMap { $0.cells[column]?.text.printedWidth } + [column.rawValue.count]
      let need = max(cells.max() ?? 0, column.leastWidth) + Self.space
      guard left - need >= reserve else { break }
      kept[column] = need - Self.space
      left -= need
    }
    columns = ProgressColumn.allCases.compactMap { column in kept[column].map { (column, $0) } }
    barLength = left >= shortestBar ? min(left - 3, 24) : 0
  }

  /// The column names.
  var heading: [ColoredText] {
    let first = "run".padded(
      to: labelWidth + Self.space + Self.percentWidth + (barLength > 0 ? barLength + 3 : 0))
    let names = columns.map { column, width in
      "  " + column.rawValue.padded(to: width, isNumber: true)
    }
    return fitted([ColoredText(first + names.joined(), .faint)])
  }

  /// One row, at most as wide as the table.
  func line(_ row: ProgressRow) -> [ColoredText] {
    let percent = String(format: "%3.0f%%", 100 * row.fraction)
    var parts = [ColoredText(row.label.shortened(to: labelWidth).padded(to: labelWidth) + "  ")]
    if barLength > 0 {
      let filled = min(barLength, Int((row.fraction * Double(barLength)).rounded(.down)))
      parts += [
        ColoredText("["), ColoredText(String(repeating: "#", count: filled), .green),
        ColoredText(String(repeating: "-", count: barLength - filled) + "] "),
      ]
    }
    parts.append(ColoredText(percent))
    if let note = row.note {
      parts.append(ColoredText("  " + note, .yellow))
    } else {
      for (column, width) in columns {
        let cell = row.cells[column] ?? ColoredText("")
        parts.append(ColoredText("  " + cell.text.padded(to: width, isNumber: true), cell.color))
      }
    }
    return fitted(parts)
  }

  private func fitted(_ parts: [ColoredText]) -> [ColoredText] {
    var left = width
    return parts.map { part in
      let text = part.text.prefix(fitting: left)
      left -= text.printedWidth
      return ColoredText(text, part.color)
    }
  }
}

extension String {
  /// The text with its middle replaced by `…` where it is too wide; names usually differ at their ends.
  func shortened(to columns: Int) -> String {
    guard printedWidth > columns else { return self }
    guard columns > 2 else { return prefix(fitting: Swift.max(0, columns)) }
    let head = (columns - 1) / 2
    var tail = unicodeScalars.suffix(columns - 1 - head)
    while String(tail).printedWidth > columns - 1 - head { tail.removeFirst() }
    return prefix(fitting: head) + "…" + String(tail)
  }

  /// The text padded with spaces to a width: on the left for numbers, on the right for words.
  func padded(to columns: Int, isNumber: Bool = false) -> String {
    let spaces = String(repeating: " ", count: Swift.max(0, columns - printedWidth))
    return isNumber ? spaces + self : self + spaces
  }
}
