// Tables of an experiment's runs: an overview for the screen, and complete tables for other programs.

import Experiments
import Foundation
public import Messages
import Records
import Training

extension ExperimentReport {
  /// One row per setting: initializer, width, other settings that differ, final ranks, bound, test accuracy, time.
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
        + [rank, "bound", fromStart, "test", "time", "status"],
      rows: groups.map { group in
        [group.plan.initializer, String(group.plan.width)]
          + varying.map { group.plan[$0].description } + (hasRepeats ? [String(group.count)] : [])
          + [
            Self.text(group.shown { $0.last("rank", of: tensor) }, digits: 0),
            group.inputDimension.map { String($0) } ?? "-",
            Self.text(group.shown { $0.last("rank_from_start", of: tensor) }, digits: 0),
            Self.text(group.shown { $0.test?.accuracy }, digits: 2, unit: " %"),
            Self.text(group.shown(\.seconds), digits: 1, unit: " s"),
            Self.status(of: group),
          ]
      })
  }

  /// The tensor of the ranks in overview and page: the tensor of the first figure, or the first measured one.
  var shownTensor: String? {
    experiment.figures.first?.tensor ?? experiment.plans.first?.measuredWeights.first
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
      return [result.plan.identifier] + settings.map { result.plan.recordText(of: $0) } + [
        result.standing, result.reason ?? "",
        result.data.map { String($0.inputDimension) } ?? "",
      ] + values
    }
    let absent = missing.map { plan in
      [plan.identifier] + settings.map { plan.recordText(of: $0) } + ["not begun", "", ""]
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
    let others = experiment.figures.filter { !weights.contains($0.tensor) }.map {
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
    let words =
      group.results.map(\.standing) + [String](repeating: "not begun", count: group.missing)
    let distinct = words.reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    guard words.count > 1, distinct.count > 1 else { return distinct.joined() }
    return distinct.map { word in "\(words.count { $0 == word }) \(word)" }.joined(separator: ", ")
  }
}

extension RunGroup {
  fileprivate var inputDimension: Int? { results.lazy.compactMap(\.data).first?.inputDimension }

  /// Statistics over the completed runs; over all runs until one is completed.
  fileprivate func shown(_ value: (RunResult) -> Double?) -> Statistics? {
    statistics(value) ?? Statistics(results.compactMap(value))
  }
}
