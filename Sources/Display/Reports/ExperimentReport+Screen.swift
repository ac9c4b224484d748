// The overview as a screen shows it.

import Messages
import Training

extension ExperimentReport {
  /// The most rows that people are shown.
  private static var mostRows: Int { 24 }

  /// The overview in lines of limited width, and of limited number.
  ///
  /// Columns that don't fit are left out, the ranks last, and lines say which are missing and where they are, and
  /// how many runs are not done.
  /// Of many settings, those with a run that isn't done are shown first. Below stand the runs that have the same
  /// initial weights as others.
  ///
  /// - Parameter columns: The most characters of a line.
  /// - Returns: Lines, each with its end.
  public func overviewText(columns: Int = 80) -> String {
    let whole = overview
    let shown = whole.limited(to: Self.mostRows) { $0.last != "done" }
    let varying = whole.headings.filter { Self.shortHeadings[$0] != nil }
    let named = TextTable(
      headings: shown.headings.map { Self.shortHeadings[$0] ?? $0 }, rows: shown.rows)
    let isAllDone = whole.rows.allSatisfy { $0.last == "done" }
    let (rank, fromStart) = rankHeadings
    let order =
      ["time"] + (isAllDone ? ["status"] : []) + ["bound", "runs", "test", "status"]
      + varying.compactMap { Self.shortHeadings[$0] }.reversed() + [fromStart, rank]
    let table = named.aligned(within: columns, dropping: order, elsewhere: "summary.csv")
    let losesStatus = named.fitting(columns, dropping: order).lost.contains("status")
    let hidden = whole.rows.count - shown.rows.count
    let hasRanges = named.rows.contains { $0.contains { $0.contains("–") } }
    let lines =
      (hidden > 0 ? ["and \(hidden) more settings (summary.csv)"] : [])
      + (losesStatus && !isAllDone ? [standings] : [])
      + (hasRanges ? ["over several seeds: mean (smallest–largest)"] : []) + sameStarts
    return table
      + lines.flatMap { $0.wrapped(to: columns, indent: 2) }.map { $0 + "\n" }.joined()
  }

  /// How many runs stand how, for a table without room for it.
  private var standings: String {
    let words = results.map(\.standing) + missing.map { _ in "not begun" }
    let counts = Dictionary(words.map { ($0, 1) }, uniquingKeysWith: +)
    let distinct = words.reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    return "runs: " + distinct.map { "\(counts[$0] ?? 0) \($0)" }.joined(separator: ", ")
  }

  /// Keys of plans by a name for a narrow column.
  private static let shortHeadings = Dictionary(
    TrainingPlan.settings.filter { $0.namesRun && !$0.isRequired && !$0.isSeed }.map {
      ($0.key, $0.heading)
    }, uniquingKeysWith: { first, _ in first })
}
