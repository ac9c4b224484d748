// One line of progress: a run, or the total of all runs.

import Foundation
import ZerORecords
import ZerOTraining

/// The contents of one line of the progress table.
struct ProgressRow {
  let label: String
  var fraction = 0.0
  var cells: [ProgressColumn: ColoredText] = [:]

  /// Text that replaces the cells.
  var note: String?
}

extension ProgressRow {
  /// The row of a running run.
  ///
  /// Unknown values have empty cells, so columns neither appear nor disappear.
  init(_ run: RunProgress, fractionOfPeak: Double?, hasPeak: Bool = false, at time: Double) {
    label = run.label
    fraction = run.fraction
    if let seconds = run.secondsSinceRow { note = "last row \(Self.age(seconds)) ago" }
    cells[.updates] = ColoredText("\(run.done)/\(run.total)")
    cells[.loss] = ColoredText(run.loss.map(Self.loss) ?? "")
    if run.plan.epochs > 1 {
      cells[.epoch] = ColoredText("\(run.epoch)/\(run.plan.epochs)")
    }
    if run.plan.epochs > 1 || run.testAccuracy != nil {
      cells[.test] = ColoredText(run.testAccuracy.map { String(format: "%.2f%%", $0) } ?? "")
    }
    if !run.plan.quantities.isEmpty {
      let layer = run.weights.count > 1 ? "\(run.weights.last ?? "") " : ""
      let digits = layer.replacing(".weight", with: "").count + "\(run.plan.width)".count
      cells[.rank] = ColoredText(
        (run.rank?.text ?? "").padded(to: digits, isNumber: true))
    }
    setSpeed(run.imagesPerSecond, fractionOfPeak, hasPeak, run.timeLeft(at: time))
  }

  /// The total of all runs.
  init<Key>(_ overall: ProgressBoard<Key>.Overall) {
    label = "\(overall.ended) of \(overall.count) runs"
    fraction = overall.fraction
    if overall.isIdle { note = "no run in progress" }
    setSpeed(
      overall.imagesPerSecond, overall.fractionOfPeak, overall.fractionOfPeak != nil,
      overall.timeLeft)
  }

  private mutating func setSpeed(
    _ speed: Double?, _ peakFraction: Double?, _ hasPeak: Bool, _ left: Double?
  ) {
    cells[.speed] = ColoredText(speed.map { String(format: "%.0f", $0) } ?? "")
    if hasPeak {
      cells[.peak] = ColoredText(peakFraction.map { String(format: "%.0f%%", 100 * $0) } ?? "")
    }
    cells[.left] = ColoredText(left.map(clockText) ?? "")
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
    let row = ProgressRow(run, fractionOfPeak: nil, at: time)
    func field(_ column: ProgressColumn, _ text: (String) -> String) -> String? {
      row.cells[column].map { $0.text.trimmingCharacters(in: .whitespaces) }
        .flatMap { $0.isEmpty ? nil : text($0) }
    }
    let fields = [
      String(format: "%3.0f%%", 100 * run.fraction), "\(run.done)/\(run.total)",
      field(.loss) { "loss \($0)" }, field(.rank) { "\(run.rank?.name ?? "rank") \($0)" },
      field(.speed) { "\($0) images/s" }, field(.left) { "left \($0)" },
    ]
    return ([run.label] + fields.compactMap(\.self)).joined(separator: "  ")
  }
}

/// A duration as `minutes:seconds` or `hours:minutes:seconds`: `1:30`, `2:05:00`.
func clockText(_ seconds: Double) -> String {
  let whole = seconds < 1e9 ? Int(seconds.rounded(.up)) : 1_000_000_000
  let (hours, minutes, rest) = (whole / 3600, whole / 60 % 60, whole % 60)
  let tail = (rest < 10 ? "0" : "") + "\(rest)"
  return hours > 0 ? "\(hours):\(minutes < 10 ? "0" : "")\(minutes):\(tail)" : "\(minutes):\(tail)"
}
