import Foundation
import TestSupport
import Testing
import ZerOExperiments
import ZerOFigures
import ZerOMessages
import ZerORecords
import ZerOTraining

@testable import ZerOReports

@Suite struct CeilingTests {
  private static let row = CeilingRow(tensors: ["l3.weight": 5], fromIdentity: ["l3.weight"])

  private func experiment(_ quantity: String = "rank", widths: String = "[8, 16]") throws
    -> Experiment
  {
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("small.yaml")
      let text = """
        name: small
        data: mnist
        runs: [{init: ZerO, width: \(widths)}]
        figure: {quantity: \(quantity), tensor: l3.weight, label: "n_h={width}"}
        """
      try Data(text.utf8).write(to: url)
      return try Experiment.load(url.path)
    }
  }

  private func chart(_ experiment: Experiment, _ ceilings: [CeilingRow?]) throws -> Chart {
    let records = zip(experiment.plans, ceilings).map {
      record($0, ranks: [1, 4], ceiling: $1)
    }
    return try #require(ExperimentReport(experiment, records: records).figures.first).chart
  }

  @Test func `a curve has a ceiling where symmetry allows less than the shape`() throws {
    let drawn = try chart(try experiment(), [Self.row, nil])
    #expect(drawn.series.map(\.ceiling) == [5, nil])
    #expect(drawn.series.map(\.label) == ["nₕ = 8", "nₕ = 16"])
    #expect(drawn.ceilingLabel == "ceiling")

    // None if the ceiling is the width, which follows from the shape.
    let full = CeilingRow(tensors: ["l3.weight": 8], fromIdentity: ["l3.weight"])
    #expect(try chart(try experiment(), [full, full]).series.map(\.ceiling) == [nil, 8])

    // None for rank(W - I) if the initial weight is not the identity.
    let elsewhere = CeilingRow(tensors: ["l3.weight": 5], fromIdentity: [])
    #expect(try chart(try experiment(), [elsewhere, nil]).series.map(\.ceiling) == [nil, nil])
    let fromStart = try experiment("rank_from_start")
    #expect(try chart(fromStart, [elsewhere, nil]).series.map(\.ceiling) == [5, nil])
  }

  @Test func `too many different ceilings are not drawn`() throws {
    let experiment = try experiment(widths: "[10, 11, 12, 13, 14, 15]")
    func rows(_ values: [Int]) -> [CeilingRow] {
      values.map { CeilingRow(tensors: ["l3.weight": $0], fromIdentity: ["l3.weight"]) }
    }
    #expect(
      try chart(experiment, rows([1, 2, 3, 4, 5, 5])).series.map(\.ceiling) == [1, 2, 3, 4, 5, 5])
    #expect(
      try chart(experiment, rows([1, 2, 3, 4, 5, 6])).series.allSatisfy { $0.ceiling == nil })
  }

  @Test func `page and tables contain the ceiling`() throws {
    let experiment = try experiment()
    let records = zip(experiment.plans, [Self.row, nil]).map {
      record($0, ranks: [1, 4], ceiling: $1)
    }
    let report = ExperimentReport(experiment, records: records)
    let data = PageData(report)
    #expect(
      data.runs.map(\.ceilings) == [["rank l3.weight": 5, "rank_from_start l3.weight": 5], [:]])
    #expect(
      data.figures[0].caption.contains("Dotted: ceiling, the largest rank that training can reach"))
    let runs = report.runs
    let column = try #require(runs.headings.firstIndex(of: "ceiling_l3"))
    #expect(runs.rows.map { $0[column] } == ["5", ""])
    let page = try #require(report.pageTables.last)
    let place = try #require(page.headings.map(\.text).firstIndex(of: "ceiling l3"))
    #expect(page.rows.map { $0.cells[place].text } == ["5", "–"])

    let old = ExperimentReport(
      experiment, records: experiment.plans.map { record($0, ranks: [1, 4]) })
    #expect(!PageData(old).figures[0].caption.contains("Dotted"))
  }

  @Test func `several seeds have the highest of their ceilings`() throws {
    let experiment = try experiment(widths: "16, repeat: 2")
    let rows = [7, 9].map { CeilingRow(tensors: ["l3.weight": $0], fromIdentity: ["l3.weight"]) }
    let drawn = try chart(experiment, rows)
    #expect(drawn.series.map(\.ceiling) == [9])
    #expect(drawn.series.map(\.label) == ["nₕ = 16"])
    #expect(try chart(experiment, [rows[0], nil]).series.map(\.ceiling) == [nil])
  }
}
