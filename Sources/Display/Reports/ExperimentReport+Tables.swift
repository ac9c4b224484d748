// Tables of an experiment's runs: an overview for the screen, and complete tables for other programs.

import Foundation
import ZerOExperiments
public import ZerOMessages
import ZerORecords
import ZerOTraining

extension ExperimentReport {
  /// One row per setting: initializer, width, other settings that differ, final ranks, ceiling, test accuracy, time.
  ///
  /// The ranks are of the tensor in the first figure, which the headings name. Over several seeds a cell contains the
  /// mean, with the smallest and the largest value in parentheses.
  public var overview: TextTable {
    let groups = RunGroup.groups(of: results, missing: missing)
    let (first, others) = (Self.settings.filter { $0.key == "depth" }, Self.settings)
    let varying = (first + others.filter { !$0.isRequired && $0.key != "depth" }).filter {
      setting in
      Set(groups.map { $0.plan[setting] }).count > 1
    }
    let hasRepeats = groups.contains { $0.count > 1 }
    let (rank, fromStart) = rankHeadings
    let tensor = shownTensor ?? ""
    return TextTable(
      headings: ["init", "n_h"] + varying.map(\.key) + (hasRepeats ? ["runs"] : [])
        + [rank, fromStart, "ceiling", "test", "time", "status"],
      rows: groups.map { group in
        [group.plan.initializer, String(group.plan.width)]
          + varying.map { group.plan[$0].description } + (hasRepeats ? [String(group.count)] : [])
          + [
            Self.text(group.shown { $0.last("rank", of: tensor) }, digits: 0),
            Self.text(group.shown { $0.last("rank_from_start", of: tensor) }, digits: 0),
            Self.text(group.shown { $0.ceiling(ofWeight: tensor) }, digits: 0),
            Self.text(group.shown { $0.test?.accuracy }, digits: 2, unit: " %"),
            Self.text(group.shown(\.seconds), digits: 1, unit: " s"),
            Self.status(of: group),
          ]
      })
  }

  /// The tensor of the ranks in overview and page: the tensor of the first figure, or the first measured one.
  var shownTensor: String? {
    experiment.figures.first { !$0.tensor.isEmpty }?.tensor
      ?? experiment.plans.first?.measuredWeights.first
  }

  /// The headings of the rank columns, for example `rank l3` and `from start l3`.
  var rankHeadings: (rank: String, fromStart: String) {
    let name = shownTensor.map { " " + Self.shortName($0) } ?? ""
    return ("rank" + name, "from start" + name)
  }

  /// The table of `summary.csv`: one row per setting, with mean, standard deviation, minimum and maximum over seeds.
  public var summary: TextTable {
    let columns = self.columns
    let headings = columns.flatMap { column in
      ["mean", "sd", "min", "max"].map { "\(column.name)_\($0)" }
    }
    let rows = RunGroup.groups(of: results, missing: missing).map { group -> [String] in
      let settings = Self.settings.map { group.plan.recordText(of: $0) }
      let counts = [
        String(group.count), String(group.done.count),
        group.inputDimension.map { String($0) } ?? "",
      ]
      let values = columns.flatMap { column -> [String] in
        guard let found = group.statistics(column.value) else { return ["", "", "", ""] }
        return [found.mean, found.standardDeviation, found.minimum, found.maximum].map {
          $0.map(number) ?? ""
        }
      }
      return settings + counts + values
    }
    return TextTable(
      headings: Self.settings.map(\.recordKey) + ["runs", "done", "input_dimension"] + headings,
      rows: rows)
  }

  /// The table of `runs.csv`: one row per run with its settings, state and results.
  public var runs: TextTable {
    let settings = TrainingPlan.settings.filter(\.namesRun)
    let columns = self.columns
    let rows = results.map { result -> [String] in
      let values = columns.map { $0.value(result).map(number) ?? "" }
      return [result.plan.folderName] + settings.map { result.plan.recordText(of: $0) } + [
        result.state, result.reason ?? "",
        result.data.map { String($0.inputDimension) } ?? "",
      ] + values
    }
    let absent = missing.map { plan in
      [plan.folderName] + settings.map { plan.recordText(of: $0) } + ["not begun", "", ""]
        + columns.map { _ in "" }
    }
    return TextTable(
      headings: ["run"] + settings.map(\.recordKey) + ["status", "message", "input_dimension"]
        + columns.map(\.name),
      rows: rows + absent)
  }

  /// The keys that define a setting: all keys of a plan except the seeds.
  private static let settings = TrainingPlan.settings.filter { $0.namesRun && !$0.isSeed }

  /// The result columns by name: `final_rank_l3` for the first square layer, `final_rank_l4` for the second.
  private var columns: [(name: String, value: (RunResult) -> Double?)] {
    let weights = experiment.plans.max { $0.depth < $1.depth }?.measuredWeights ?? []
    let quantities = experiment.plans.reduce(into: [String]()) { names, plan in
      for name in plan.quantities where !names.contains(name) { names.append(name) }
    }
    // A figure may show a bias, which is not among the measured weights.
    let others = experiment.figures.filter { !$0.tensor.isEmpty && !weights.contains($0.tensor) }
      .map {
        CurveName(quantity: $0.quantity, tensor: $0.tensor)
      }
    let names =
      quantities.flatMap { quantity in
        weights.map { CurveName(quantity: quantity, tensor: $0) }
      } + others.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    let ranks = names.map { name in
      (
        name: "final_\(name.quantity)_\(Self.shortName(name.tensor))",
        value: { (result: RunResult) in result.last(name.quantity, of: name.tensor) }
      )
    }
    let ceilings = weights.map { tensor in
      (
        name: "ceiling_\(Self.shortName(tensor))",
        value: { (result: RunResult) in result.ceiling(ofWeight: tensor) }
      )
    }
    return ranks + ceilings + [
      ("test_loss", { $0.test?.loss }), ("test_accuracy", { $0.test?.accuracy }),
      ("seconds", { $0.seconds }),
    ]
  }

  /// `l3` for `l3.weight`.
  static func shortName(_ tensor: String) -> String { tensor.replacing(".weight", with: "") }

  private static func text(_ statistics: Statistics?, digits: Int, unit: String = "") -> String {
    guard let statistics else { return "-" }
    let (low, high) = (statistics.minimum, statistics.maximum)
    guard low < high else { return String(format: "%.\(digits)f", statistics.mean) + unit }
    // The mean of integers needs a decimal.
    return String(format: "%.\(max(digits, 1))f", statistics.mean) + unit
      + String(format: " (%.\(digits)f–%.\(digits)f)", low, high)
  }

  private static func status(of group: RunGroup) -> String {
    let counts = counts(of: group.results, missing: group.missing)
    guard counts.count > 1 else { return counts.map(\.state).joined() }
    return counts.map { "\($0.count) \($0.state)" }.joined(separator: ", ")
  }

  /// The states of some runs in order of appearance, each with its number of runs.
  private static func counts(of results: [RunResult], missing: Int) -> [(state: String, count: Int)]
  {
    let states = results.map(\.state) + [String](repeating: "not started", count: missing)
    let counts = Dictionary(states.map { ($0, 1) }, uniquingKeysWith: +)
    let distinct = states.reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    return distinct.map { ($0, counts[$0] ?? 0) }
  }
}

extension RunGroup {
  fileprivate var inputDimension: Int? { results.lazy.compactMap(\.data).first?.inputDimension }

  /// Statistics over the completed runs; over all runs until one is completed.
  fileprivate func shown(_ value: (RunResult) -> Double?) -> Statistics? {
    statistics(value) ?? Statistics(results.compactMap(value))
  }
}

extension ExperimentReport {
  /// The maximum number of rows on the screen.
  private static var overviewRowLimit: Int { 24 }

  /// The definition of the ranks in tables and verdicts, with their tolerance.
  public static var rankNote: String {
    "rank: singular values of W - I above 1e-4; from start: W - W0 (bound: ceiling)"
  }

  /// The overview as a table that fits the screen, with notes.
  ///
  /// Columns that do not fit are dropped, the ranks last. If there are too many settings, those with unfinished runs
  /// are kept first. Notes below the table give the tolerance of the ranks, dropped columns and rows, the number of
  /// unfinished runs, and settings with equal initial weights.
  ///
  /// - Parameter columns: The maximum width of a line.
  /// - Returns: Lines, each with a newline.
  public func overviewText(columns: Int = 80) -> String {
    let whole = overview
    let shown = whole.limited(to: Self.overviewRowLimit) { $0.last != "done" }
    let varying = whole.headings.filter { Self.shortHeadings[$0] != nil }
    let named = TextTable(
      headings: shown.headings.map { Self.shortHeadings[$0] ?? $0 }, rows: shown.rows)
    let isAllDone = whole.rows.allSatisfy { $0.last == "done" }
    let (rank, fromStart) = rankHeadings
    let order =
      ["time"] + (isAllDone ? ["status"] : []) + ["ceiling", "runs", "test", "status"]
      + varying.compactMap { Self.shortHeadings[$0] }.reversed() + [fromStart, rank]
    let table = named.aligned(within: columns, dropping: order, elsewhere: "summary.csv")
    let losesStatus = named.fitting(columns, dropping: order).lost.contains("status")
    let hidden = whole.rows.count - shown.rows.count
    let hasRanks = results.contains { result in
      ["rank", "rank_from_start"].contains { result.last($0, of: shownTensor ?? "") != nil }
    }
    let hasRanges = named.rows.contains { $0.contains { $0.contains("–") } }
    let lines =
      (hidden > 0 ? ["and \(hidden) more settings (summary.csv)"] : [])
      + (losesStatus && !isAllDone ? [stateCounts] : [])
      + (hasRanges ? ["over several seeds: mean (smallest–largest)"] : []) + sameStarts
      + (hasRanks ? [Self.rankNote] : [])
    return table
      + lines.flatMap { $0.wrapped(to: columns, indent: 2) }.map { $0 + "\n" }.joined()
  }

  /// The number of runs in each state, for a table without a status column.
  private var stateCounts: String {
    "runs: "
      + Self.counts(of: results, missing: missing.count).map { "\($0.count) \($0.state)" }
      .joined(separator: ", ")
  }

  /// Short headings for the keys of plans.
  private static let shortHeadings = Dictionary(
    TrainingPlan.settings.filter { $0.namesRun && !$0.isRequired && !$0.isSeed }.map {
      ($0.key, $0.heading)
    }, uniquingKeysWith: { first, _ in first })
}

extension Experiment {
  /// The position of the first figure with a curve per weight over the updates, which the page repeats beside loss and accuracy.
  var mainFigure: Int? {
    figures.firstIndex { $0.axis == .updates && !$0.tensor.isEmpty }
  }
}
