// From the state of runs to what is said about them.

import Foundation
import Records
import Training

extension ProgressRow {
  /// A run under way.
  init(_ run: RunProgress, shareOfPeak: Double?, at time: Double) {
    label = run.label
    fraction = run.fraction
    if let silence = run.silence { note = "last row \(Self.age(silence)) ago" }
    cells[.updates] = ColoredText("\(run.done)/\(run.total)")
    if run.plan.epochs > 1 { cells[.epoch] = ColoredText("\(run.epoch)/\(run.plan.epochs)") }
    cells[.loss] = run.loss.map { ColoredText(Self.loss($0)) }
    cells[.rank] = Self.rank(run)
    cells[.test] = run.testAccuracy.map { ColoredText(String(format: "%.2f%%", $0)) }
    setSpeed(run.imagesPerSecond, shareOfPeak, run.timeLeft(at: time))
  }

  /// All runs in one.
  init<Key>(_ overall: ProgressBoard<Key>.Overall) {
    label = "\(overall.ended) of \(overall.count) runs"
    fraction = overall.fraction
    setSpeed(overall.imagesPerSecond, overall.shareOfPeak, overall.timeLeft)
  }

  private mutating func setSpeed(_ speed: Double?, _ share: Double?, _ left: Double?) {
    cells[.speed] = speed.map { ColoredText(String(format: "%.0f", $0)) }
    cells[.peak] = share.map { ColoredText(String(format: "%.0f%%", 100 * $0)) }
    cells[.left] = left.map { ColoredText(clockText($0)) }
  }

  /// `345/784`, or `790>784` above the bound.
  static func rank(_ run: RunProgress) -> ColoredText? {
    guard let rank = run.rank else { return nil }
    let value = String(format: "%.0f", rank.value)
    guard let bound = run.bound else { return ColoredText(value) }
    return run.isAboveBound
      ? ColoredText("\(value)>\(bound)", .yellow) : ColoredText("\(value)/\(bound)")
  }

  private static func loss(_ loss: Double) -> String {
    String(format: loss < 1000 ? "%.4f" : "%.1e", loss)
  }

  /// A time in the past, roughly.
  static func age(_ seconds: Double) -> String {
    switch seconds {
    case ..<100: String(format: "%.0f s", seconds)
    case ..<6000: String(format: "%.0f min", seconds / 60)
    case ..<360_000: String(format: "%.0f h", seconds / 3600)
    default: String(format: "%.0f days", seconds / 86400)
    }
  }

  /// The run in one plain line, with every number named.
  static func plainLine(_ run: RunProgress, at time: Double) -> String {
    let row = ProgressRow(run, shareOfPeak: nil, at: time)
    let fields = [
      String(format: "%3.0f%%", 100 * run.fraction), "\(run.done)/\(run.total)",
      row.cells[.loss].map { "loss \($0.text)" },
      run.rank.flatMap { rank in
        row.cells[.rank].map { "\(rank.name) \($0.text)" }
      },
      row.cells[.speed].map { "\($0.text) images/s" }, row.cells[.left].map { "left \($0.text)" },
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
      ProgressRow($0, shareOfPeak: shareOfPeak($0), at: time)
    }
    let isOver = runs.values.allSatisfy(\.isOver)
    let footer = runs.count > 1 && room > 1 && !isOver ? [ProgressRow(overall(at: time))] : []
    guard !(rows.isEmpty && footer.isEmpty), room > 0, window.columns > 1 else { return [] }
    let table = ProgressTable(rows + footer, width: window.columns - 1)
    let heading = rows.count + footer.count < room ? [table.heading] : []
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
