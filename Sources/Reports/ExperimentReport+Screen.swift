// The overview as a screen shows it.

import Training

extension ExperimentReport {
  /// The most rows that people are shown.
  private static var mostRows: Int { 24 }

  /// The overview in lines of limited width, and of limited number.
  ///
  /// What doesn't fit goes in the order of its importance, and a line says what is missing and where it is.
  /// Of many settings, those with a run that isn't done are shown first.
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
    let table = named.aligned(
      within: columns,
      dropping: ["time", "from start", "bound", "runs"] + (isAllDone ? ["status"] : [])
        + ["test", "status"] + varying.compactMap { Self.shortHeadings[$0] }.reversed() + ["rank"],
      elsewhere: "summary.csv")
    let hidden = whole.rows.count - shown.rows.count
    return table + (hidden > 0 ? "and \(hidden) more settings (summary.csv)\n" : "")
  }

  /// Keys of plans by a name for a narrow column.
  private static let shortHeadings = [
    "batch_size": "batch", "test_batch_size": "test batch", "learning_rate": "lr",
    "step_size": "step", "measure_every": "every", "depth": "depth", "epochs": "epochs",
    "gamma": "gamma", "bias": "bias", "data": "data", "ties": "ties",
  ]
}
