// The runs of an experiment as tables: a short one for people, a full one for other programs.

import Experiments
import Foundation
import Records
import Training

extension ExperimentReport {
  /// A row a run: initialiser, width, final rank, bound, test accuracy, time.
  public var overview: TextTable {
    let short = Set(records.map { "\($0.plan.initializer) \($0.plan.width)" })
    let isClear = short.count == records.count
    return TextTable(
      headings: [
        isClear ? "init" : "run", "n_h", "rank", "bound", "from start", "test", "time", "status",
      ],
      rows: records.map { record in
        [
          isClear ? record.plan.initializer : record.plan.identifier, String(record.plan.width),
          Self.last(record, "rank"), String(record.provenance.data.inputDimension),
          Self.last(record, "rank_from_start"),
          record.testRows.last.map { String(format: "%.2f %%", $0.accuracy) } ?? "-",
          record.status.seconds.map { String(format: "%.1f s", $0) } ?? "-",
          record.status.status.rawValue,
        ]
      })
  }

  /// A row a run with all that determines and describes it; `summary.csv`.
  public var summary: TextTable {
    let keys = TrainingPlan.CodingKeys.allCases.filter { $0 != .quantities }.map(\.rawValue)
    let results = [
      "status", "final_rank", "final_rank_from_start", "input_dimension", "test_loss",
      "test_correct", "test_total", "seconds",
    ]
    let rows = records.map { record -> [String] in
      let settings = keys.map { record.plan.text(of: $0) }
      return [record.plan.identifier] + settings + Self.results(of: record)
    }
    return TextTable(headings: ["run"] + keys + results, rows: rows)
  }

  private static func results(of record: RunRecord) -> [String] {
    let test = record.testRows.last
    return [
      record.status.status.rawValue, last(record, "rank"), last(record, "rank_from_start"),
      String(record.provenance.data.inputDimension), test.map { String($0.loss) } ?? "",
      test.map { String($0.correct) } ?? "", test.map { String($0.total) } ?? "",
      record.status.seconds.map { String(format: "%.3f", $0) } ?? "",
    ]
  }

  private static func last(_ record: RunRecord, _ quantity: String) -> String {
    record.series(quantity, of: "l3.weight").last.map { number($0.value) } ?? "-"
  }
}
