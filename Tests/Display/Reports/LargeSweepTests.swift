// Sweeps with more runs than a report shows: the drawn, counted and reported runs.

import Foundation
import TestSupport
import Testing
import ZerOExperiments
import ZerOFigures
import ZerOMessages
import ZerORecords
import ZerOTraining

@testable import ZerOReports

@Suite struct LargeSweepTests {
  private func experiment(_ runs: String, label: String = "lr {learning_rate}") throws
    -> Experiment
  {
    try Experiment(
      yaml: """
        name: large
        measure: {snapshots: 1}
        runs: [\(runs)]
        figure: {quantity: rank, tensor: l3.weight, label: "\(label)"}
        claims: [{runs: {init: ZerO}, tensor: l3.weight, quantity: rank, at_most: 300}]
        """, path: "large.yaml")
  }

  private func report(_ experiment: Experiment) -> ExperimentReport {
    ExperimentReport(
      experiment,
      records: experiment.plans.enumerated().map { index, plan in
        record(plan, ranks: [0, Double(index)], status: index == 250 ? .diverged : .done)
      })
  }

  @Test func `40 of many settings are drawn, and all are counted`() throws {
    // 101 settings of three seeds each.
    let rates = (1...101).map { String($0) }.joined(separator: ", ")
    let report = report(
      try experiment("{init: ZerO, width: 8, learning_rate: [\(rates)], repeat: 3}"))
    let figure = FigureCurves.figures(report.figures)[0].figure
    #expect(figure.panels[0].series.count == 40)
    #expect(
      figure.notes == [
        "Lines: mean of 3 seeds; bands: minimum to maximum.",
        "40 of 101 curves; runs.csv lists all runs.",
      ])
    let data = PageData(report)
    #expect(data.groups.count == 40 && data.runs.count == 120 && data.figures[0].means.count == 40)
    #expect(data.figures[0].caption.contains("40 of 101 curves are drawn"))
    let page = try report.page()
    #expect(page.contains("the page shows curves and weights of 120 of 303 runs"))
    #expect(page.contains("302 of 303 runs are done, 1 unfinished"))
    // Settings that are not drawn are in the tables and count in the verdict.
    #expect(report.runs.rows.count == 303 && report.summary.rows.count == 101)
    #expect(report.verdicts[0].outcome == .violated && report.verdicts[0].statement.contains("302"))
  }

  @Test func `a mean includes every seed, drawn or not`() throws {
    let report = report(try experiment("{init: ZerO, width: 8, repeat: 301}"))
    let data = PageData(report)
    #expect(data.runs.count == 200 && data.figures[0].means.map(\.count) == [300])
    // All except the diverged one: 0 … 300 without 250.
    let mean = Double((0...300).reduce(0, +) - 250) / 300
    #expect(data.figures[0].means[0].mean == [0, PageData.seen(mean)])
    #expect(data.figures[0].means[0].high == [0, 300])
    #expect(report.figures[0].chart.series[0].points[1].y == mean)
    #expect(Set(data.means.keys) == ["loss", "accuracy", "rank l3.weight"])
    #expect(data.means["loss"]?.map(\.count) == [300])
  }

  @Test func `a curve per run is limited like a curve per setting`() throws {
    let report = report(
      try experiment("{init: ZerO, width: 8, repeat: 301}", label: "seed {seed}"))
    #expect(report.figures[0].chart.series.count == 40)
    #expect(PageData(report).runs.count == 40 && PageData(report).figures[0].means.isEmpty)
  }

  @Test func `each figure has curves of its own runs`() throws {
    let text = try experiment("{init: [Random, ZerO], width: 8, repeat: 150}").source
      .replacing(
        "figure: {", with: "figure:\n  - {name: zero, runs: {init: ZerO, seed: [149, 150]}, ")
    let report = report(try Experiment(yaml: text, path: "large.yaml"))
    let data = PageData(report)
    #expect(data.runs.count == 150 && data.figures[0].runs.count == 2)
    #expect(data.figures[0].means.map(\.count) == [2])
  }

  @Test func `200 runs are all shown`() throws {
    let rates = (1...200).map { String($0) }.joined(separator: ", ")
    let report = report(try experiment("{init: ZerO, width: 8, learning_rate: [\(rates)]}"))
    let figure = FigureCurves.figures(report.figures)[0].figure
    #expect(figure.panels[0].series.count == 200 && figure.notes.isEmpty)
    #expect(PageData(report).runs.count == 200)
  }

  @Test func `the chosen curves are spread evenly, and out of step with a grid`() {
    for (count, period) in [(2000, 50), (10_000, 250), (41, 2), (1000, 25)] {
      let chosen = CurveChoice.spread(Array(0..<count), over: 40)
      #expect(chosen.count == 40 && Set(chosen).count == 40 && chosen == chosen.sorted())
      // With equal steps all selected settings would be at the same position in their period.
      #expect(Set(chosen.map { $0 % period }).count > 1)
      for half in [0..<count / 2, count / 2..<count] {
        #expect((15...25).contains(chosen.count(where: half.contains)))
      }
    }
    #expect(CurveChoice.spread([1, 2, 3], over: 40) == [1, 2, 3])
  }
}
