// The page's tables.

import Experiments
import Foundation
import Records
import Training

extension ExperimentReport {
  /// A table of settings where there are several runs of one, and a table of all runs.
  var pageTables: [ReportPage.Table] {
    let hasRepeats = RunGroup.groups(of: records, missing: missing).contains {
      $0.records.count + $0.missing > 1
    }
    let settings = ReportPage.Table(
      overview,
      caption: "By setting: means over the runs that are done, or over all while none is, "
        + "± the standard deviation")
    let runs = ReportPage.Table(everyRun, caption: "Every run; a heading sorts")
    return (hasRepeats ? [settings] : []) + [runs]
  }

  /// A row a run: its name, what differs between runs, and how it ended.
  private var everyRun: TextTable {
    let plans = records.map(\.plan) + missing
    let always = [TrainingPlan.CodingKeys.initializer, .width]
    let keys = TrainingPlan.CodingKeys.allCases.filter { key in
      !key.isAboutRecords
        && (always.contains(key) || Set(plans.map { $0.text(of: key.rawValue) }).count > 1)
    }.map(\.rawValue)
    let columns: [(name: String, value: (RunRecord) -> String)] = [
      ("rank", { Self.whole($0.last("rank", of: $0.plan.measuredWeights.first ?? "")) }),
      ("bound", { String($0.provenance.data.inputDimension) }),
      (
        "from start",
        { Self.whole($0.last("rank_from_start", of: $0.plan.measuredWeights.first ?? "")) }
      ),
      ("ceiling", { Self.whole($0.ceiling(ofWeight: $0.plan.measuredWeights.first ?? "")) }),
      ("test accuracy", { $0.testRows.last.map { String(format: "%.2f %%", $0.accuracy) } ?? "–" }),
      ("test loss", { $0.testRows.last.map { String(format: "%.4f", $0.loss) } ?? "–" }),
      ("time", { $0.status.seconds.map { String(format: "%.1f s", $0) } ?? "–" }),
      ("status", { $0.status.status.rawValue }),
    ]
    let begun = records.map { record in
      [record.plan.identifier] + keys.map { record.plan.text(of: $0) }
        + columns.map { $0.value(record) }
    }
    let absent = missing.map { plan in
      [plan.identifier] + keys.map { plan.text(of: $0) }
        + columns.map { $0.name == "status" ? "not begun" : "–" }
    }
    return TextTable(headings: ["run"] + keys + columns.map(\.name), rows: begun + absent)
  }

  private static func whole(_ value: Double?) -> String { value.map(number) ?? "–" }
}
