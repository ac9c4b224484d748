// One line of progress: a run, or the total of all runs.

import Foundation
import Records
import Training

extension ProgressRow {
  /// The row of a running run.
  ///
  /// What isn't known yet has an empty cell, so that columns don't come and go.
  init(_ run: RunProgress, shareOfPeak: Double?, hasPeak: Bool = false, at time: Double) {
    label = run.label
    fraction = run.fraction
    if let silence = run.silence { note = "last row \(Self.age(silence)) ago" }
    cells[.updates] = ColoredText("\(run.done)/\(run.total)")
    cells[.loss] = ColoredText(run.loss.map(Self.loss) ?? "")
    if run.plan.epochs > 1 {
      cells[.epoch] = ColoredText("\(run.epoch)/\(run.plan.epochs)")
    }
    if run.plan.epochs > 1 || run.testAccuracy != nil {
      cells[.test] = ColoredText(run.testAccuracy.map { String(format: "%.2f%%", $0) } ?? "")
    }
    if !run.plan.quantities.isEmpty {
      let rank = Self.rank(run)
      let bound = run.bound ?? 0
      let layer = run.plan.depth > 1 ? "\(run.plan.measuredWeights.last ?? "") " : ""
      let digits =
        layer.replacing(".weight", with: "").count
        + "\(max(run.plan.width, bound))/\(bound)".count
      cells[.rank] = ColoredText(
        (rank?.text ?? "").padded(to: digits, isNumber: true), rank?.color)
    }
    setSpeed(run.imagesPerSecond, shareOfPeak, hasPeak, run.timeLeft(at: time))
  }

  /// The total of all runs.
  init<Key>(_ overall: ProgressBoard<Key>.Overall) {
    label = "\(overall.ended) of \(overall.count) runs"
    fraction = overall.fraction
    if overall.isIdle { note = "no run under way" }
    setSpeed(
      overall.imagesPerSecond, overall.shareOfPeak, overall.shareOfPeak != nil, overall.timeLeft)
  }

  private mutating func setSpeed(
    _ speed: Double?, _ share: Double?, _ hasPeak: Bool, _ left: Double?
  ) {
    cells[.speed] = ColoredText(speed.map { String(format: "%.0f", $0) } ?? "")
    if hasPeak {
      cells[.peak] = ColoredText(share.map { String(format: "%.0f%%", 100 * $0) } ?? "")
    }
    cells[.left] = ColoredText(left.map(clockText) ?? "")
  }

  /// `345/784`, or `790>784` above the input dimension; in deep networks preceded by the layer's name.
  static func rank(_ run: RunProgress) -> ColoredText? {
    guard let rank = run.rank else { return nil }
    let value = (rank.layer.map { $0 + " " } ?? "") + String(format: "%.0f", rank.value)
    guard let bound = run.bound else { return ColoredText(value) }
    return run.isAboveBound
      ? ColoredText("\(value)>\(bound)", .yellow) : ColoredText("\(value)/\(bound)")
  }

  private static func loss(_ loss: Double) -> String {
    String(format: loss < 1000 ? "%.4f" : "%.1e", loss)
  }

  /// A rough duration, for example `5 min`.
  static func age(_ seconds: Double) -> String {
    switch seconds {
    case ..<100: String(format: "%.0f s", seconds)
    case ..<6000: String(format: "%.0f min", seconds / 60)
    case ..<360_000: String(format: "%.0f h", seconds / 3600)
    default: String(format: "%.0f days", seconds / 86400)
    }
  }

  /// The run as one plain line, with a name for each number.
  static func plainLine(_ run: RunProgress, at time: Double) -> String {
    let row = ProgressRow(run, shareOfPeak: nil, at: time)
    func said(_ column: ProgressColumn, _ text: (String) -> String) -> String? {
      row.cells[column].map { $0.text.trimmingCharacters(in: .whitespaces) }
        .flatMap { $0.isEmpty ? nil : text($0) }
    }
    let fields = [
      String(format: "%3.0f%%", 100 * run.fraction), "\(run.done)/\(run.total)",
      said(.loss) { "loss \($0)" }, said(.rank) { "\(run.rank?.name ?? "rank") \($0)" },
      said(.speed) { "\($0) images/s" }, said(.left) { "left \($0)" },
    ]
    return ([run.label] + fields.compactMap(\.self)).joined(separator: "  ")
  }
}

extension ProgressBoard {
  /// The lines at the bottom of a terminal: the running runs under a heading, then all in one.
  ///
  /// - Parameters:
  ///   - window: Where they are shown.
  ///   - time: Now.
  /// - Returns: Lines less wide than the window, and fewer than it has.
  func lines(in window: TerminalWindow, at time: Double) -> [[ColoredText]] {
    let room = window.rows - 1
    var rows = running.compactMap { runs[$0] }.map {
      ProgressRow($0, shareOfPeak: shareOfPeak($0), hasPeak: machine != nil, at: time)
    }
    let isOver = runs.values.allSatisfy(\.isOver)
    let footer = runs.count > 1 && room > 1 && !isOver ? [ProgressRow(overall(at: time))] : []
    guard !(rows.isEmpty && footer.isEmpty), room > 0, window.columns > 1 else { return [] }
    let table = ProgressTable(rows + footer, width: window.columns - 1)
    let heading = !rows.isEmpty && rows.count + footer.count < room ? [table.heading] : []
    var hidden: [[ColoredText]] = []
    let places = room - footer.count
    if rows.count > places {
      let shown = max(1, places - 1)
      let more = "… and \(rows.count - shown) more"
      if places > 1 { hidden = [[ColoredText(String(more.prefix(window.columns - 1)), .faint)]] }
      rows = Array(rows.prefix(shown))
    }
    return heading + rows.map(table.line) + hidden + footer.map(table.line)
  }
}
