// The runs of an experiment as tables: a short one for people, full ones for other programs.

import Experiments
import Foundation
import Records
import Training

extension ExperimentReport {
  /// A row a setting: initialiser, width, whatever else differs, final rank, bound, test accuracy, time.
  ///
  /// Numbers over several seeds are means, with the standard deviation behind ±.
  public var overview: TextTable {
    let groups = RunGroup.groups(of: records, missing: missing)
    let keys = ["depth"] + Self.settingKeys.filter { !["init", "width", "depth"].contains($0) }
    let varying = keys.filter { key in Set(groups.map { $0.plan.text(of: key) }).count > 1 }
    let hasRepeats = groups.contains { $0.records.count + $0.missing > 1 }
    return TextTable(
      headings: ["init", "n_h"] + varying + (hasRepeats ? ["runs"] : [])
        + ["rank", "bound", "from start", "test", "time", "status"],
      rows: groups.map { group in
        let tensor = group.plan.measuredWeights.first ?? ""
        return [group.plan.initializer, String(group.plan.width)]
          + varying.map { group.plan.text(of: $0) }
          + (hasRepeats ? [String(group.records.count + group.missing)] : []) + [
            Self.text(group.shown { $0.last("rank", of: tensor) }, digits: 0),
            group.inputDimension.map { String($0) } ?? "-",
            Self.text(group.shown { $0.last("rank_from_start", of: tensor) }, digits: 0),
            Self.text(group.shown { $0.testRows.last?.accuracy }, digits: 2, unit: " %"),
            Self.text(group.shown { $0.status.seconds }, digits: 1, unit: " s"),
            Self.status(of: group),
          ]
      })
  }

  /// A row a setting, with mean, standard deviation, minimum and maximum over its seeds; `summary.csv`.
  public var summary: TextTable {
    let results = self.results
    let headings = results.flatMap { result in
      ["mean", "sd", "min", "max"].map { "\(result.name)_\($0)" }
    }
    let rows = RunGroup.groups(of: records, missing: missing).map { group -> [String] in
      let settings = Self.settingKeys.map { group.plan.text(of: $0) }
      let counts = [
        String(group.records.count + group.missing), String(group.done.count),
        group.inputDimension.map { String($0) } ?? "",
      ]
      let values = results.flatMap { result -> [String] in
        guard let found = group.statistics(result.value) else { return ["", "", "", ""] }
        return [found.mean, found.standardDeviation, found.minimum, found.maximum].map {
          $0.map(number) ?? ""
        }
      }
      return settings + counts + values
    }
    return TextTable(
      headings: Self.settingKeys + ["runs", "done", "input_dimension"] + headings, rows: rows)
  }

  /// A row a run with all that determines and describes it; `runs.csv`.
  public var runs: TextTable {
    let keys = TrainingPlan.CodingKeys.allCases.filter { !$0.isAboutRecords }.map(\.rawValue)
    let results = self.results
    let rows = records.map { record -> [String] in
      let settings = keys.map { record.plan.text(of: $0) }
      let values = results.map { result in result.value(record).map(number) ?? "" }
      return [record.plan.identifier] + settings + [
        record.status.status.rawValue, String(record.provenance.data.inputDimension),
      ] + values
    }
    let absent = missing.map { plan in
      [plan.identifier] + keys.map { plan.text(of: $0) } + ["not begun", ""]
        + results.map { _ in "" }
    }
    return TextTable(
      headings: ["run"] + keys + ["status", "input_dimension"] + results.map(\.name),
      rows: rows + absent)
  }

  /// What determines a setting: all keys of a plan but the seeds.
  private static let settingKeys = TrainingPlan.CodingKeys.allCases.filter {
    !$0.isAboutRecords && ![.seed, .modelSeed].contains($0)
  }.map(\.rawValue)

  /// The results of a run, by name: `final_rank` of the first square layer, `final_rank_l4` of the next.
  private var results: [(name: String, value: (RunRecord) -> Double?)] {
    let deepest = records.map(\.plan).max { $0.depth < $1.depth }?.measuredWeights ?? []
    let quantities = experiment.plans.flatMap(\.quantities).reduce(into: [String]()) {
      if !$0.contains($1) { $0.append($1) }
    }
    let ranks = quantities.flatMap { quantity in
      deepest.enumerated().map { index, tensor in
        (
          name: "final_\(quantity)" + Self.suffix(index, tensor),
          value: { (record: RunRecord) in record.last(quantity, of: tensor) }
        )
      }
    }
    let ceilings = deepest.enumerated().map { index, tensor in
      (
        name: "ceiling" + Self.suffix(index, tensor),
        value: { (record: RunRecord) in record.ceiling(ofWeight: tensor) }
      )
    }
    return ranks + ceilings + [
      ("test_loss", { $0.testRows.last?.loss }), ("test_accuracy", { $0.testRows.last?.accuracy }),
      ("seconds", { $0.status.seconds }),
    ]
  }

  private static func suffix(_ index: Int, _ tensor: String) -> String {
    index == 0 ? "" : "_\(tensor.replacing(".weight", with: ""))"
  }

  private static func text(_ statistics: Statistics?, digits: Int, unit: String = "") -> String {
    guard let statistics else { return "-" }
    // A mean of whole numbers need not be one.
    let digits = digits == 0 && statistics.minimum < statistics.maximum ? 1 : digits
    let mean = String(format: "%.\(digits)f", statistics.mean)
    let deviation = statistics.standardDeviation.map { String(format: " ± %.\(digits)f", $0) }
    return mean + (deviation ?? "") + unit
  }

  private static func status(of group: RunGroup) -> String {
    let words =
      group.records.map(\.status.status.rawValue)
      + [String](repeating: "not begun", count: group.missing)
    let distinct = words.reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    guard words.count > 1, distinct.count > 1 else { return distinct.joined() }
    return distinct.map { word in "\(words.count { $0 == word }) \(word)" }.joined(separator: ", ")
  }
}

extension RunRecord {
  /// The highest rank that W − W₀ of a weight can have, its shape's included.
  func ceiling(ofWeight tensor: String) -> Double? {
    ceiling?.tensors[tensor].map { Double($0) }
  }

  /// The last value of a quantity.
  func last(_ quantity: String, of tensor: String) -> Double? {
    series(quantity, of: tensor).last?.value
  }
}

extension RunGroup {
  fileprivate var inputDimension: Int? { records.first?.provenance.data.inputDimension }

  /// Statistics for people: over what is done, or else over what there is.
  fileprivate func shown(_ result: (RunRecord) -> Double?) -> Statistics? {
    statistics(result) ?? Statistics(records.compactMap(result))
  }
}
