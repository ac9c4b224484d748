// Tables and provenance on the page.

import Foundation
import ZerOExperiments
import ZerOMessages
import ZerORecords
import ZerOTraining

extension ExperimentReport {
  /// The maximum number of rows of a table on the page.
  private static var mostRows: Int { 500 }

  /// The page's tables: one of settings, if a setting has several runs, and one of all runs.
  ///
  /// If there are too many rows, unfinished runs are kept first; the caption gives the number of
  /// rows.
  var pageTables: [ReportPage.Table] {
    let hasRepeats = RunGroup.groups(of: results, missing: missing).contains { $0.count > 1 }
    let settings = table(
      overview,
      "Results per setting: mean over the completed runs (over all runs until one is completed), smallest and "
        + "largest value in parentheses", "settings", "summary.csv")
    let runs = table(everyRun, "All runs; click a heading to sort", "runs", "runs.csv")
    return (hasRepeats ? [settings] : []) + [runs]
  }

  private func table(_ whole: TextTable, _ caption: String, _ name: String, _ file: String)
    -> ReportPage.Table
  {
    let shown = whole.limited(to: Self.mostRows) { $0.last != "done" }
    let remark =
      shown.rows.count < whole.rows.count
      ? " Only \(shown.rows.count) of \(whole.rows.count) \(name) are shown; \(file) contains all."
      : ""
    return ReportPage.Table(shown, caption: caption + "." + remark)
  }

  /// One row per run: name, settings that differ between runs, results, state.
  private var everyRun: TextTable {
    let plans = results.map(\.plan) + missing
    let settings = TrainingPlan.settings.filter { setting in
      setting.namesRun && (setting.isRequired || Set(plans.map { $0[setting] }).count > 1)
    }
    let tensor = shownTensor ?? ""
    let (rank, fromStart) = rankHeadings
    let columns: [(name: String, value: (RunResult) -> String)] = [
      (rank, { Self.whole($0.last("rank", of: tensor)) }),
      (fromStart, { Self.whole($0.last("rank_from_start", of: tensor)) }),
      (
        "ceiling" + (shownTensor.map { " " + Self.shortName($0) } ?? ""),
        { Self.whole($0.ceiling(ofWeight: tensor)) }
      ),
      ("test accuracy", { $0.test.map { String(format: "%.2f %%", $0.accuracy) } ?? "–" }),
      ("test loss", { $0.test.map { String(format: "%.4f", $0.loss) } ?? "–" }),
      ("time", { $0.seconds.map { String(format: "%.1f s", $0) } ?? "–" }),
      ("status", { $0.state }),
    ]
    let begun = results.map { result in
      [result.plan.identifier] + settings.map { result.plan[$0].description }
        + columns.map { $0.value(result) }
    }
    let absent = missing.map { plan in
      [plan.identifier] + settings.map { plan[$0].description }
        + columns.map { $0.name == "status" ? "not started" : "–" }
    }
    return TextTable(
      headings: ["run"] + settings.map(\.key) + columns.map(\.name), rows: begun + absent)
  }

  private static func whole(_ value: Double?) -> String { value.map(number) ?? "–" }
}

extension ExperimentReport {
  /// Settings that differ between runs, settings that all runs share, and provenance.
  var facts: [ReportPage.Fact] {
    settings
      + provenance.facts.filter { !$0.value.isEmpty }.map {
        ReportPage.Fact(name: $0.name, value: $0.value)
      }
  }

  private var settings: [ReportPage.Fact] {
    let plans = results.map(\.plan) + missing
    let keys = TrainingPlan.settings.map(\.key).filter { $0 != "data" }
    let values = keys.map { key in
      (
        name: key,
        texts: plans.reduce(into: DistinctTexts()) { $0.add($1.text(of: key)) }
      )
    }
    let shared = values.filter { $0.texts.count == 1 }.map { "\($0.name): \($0.texts.text)" }
    let differing = values.filter { $0.texts.count > 1 }.map {
      ReportPage.Fact(name: $0.name, value: $0.texts.text)
    }
    return [ReportPage.Fact(name: "runs", value: String(plans.count))] + differing
      + [ReportPage.Fact(name: "in all runs", value: shared.joined(separator: ", "))]
  }
}
