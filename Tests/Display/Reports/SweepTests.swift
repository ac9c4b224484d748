// Settings with several seeds: statistics, tables and bands.

import Foundation
import TestSupport
import Testing
import ZerOExperiments
import ZerOFigures
import ZerOMessages
import ZerORecords
import ZerOTraining

@testable import ZerOReports

@Suite struct SweepTests {
  /// Two settings with three seeds each.
  private func experiment(label: String = "lr {learning_rate}") throws -> Experiment {
    try Experiment(
      yaml: """
        name: sweep
        runs: [{init: Random, width: 8, depth: 2, learning_rate: [0.1, 0.2], repeat: 3}]
        figure: {quantity: rank, tensor: l4.weight, label: "\(label)"}
        """, path: "sweep.yaml")
  }

  private func report(_ experiment: Experiment, last: RunStatus.State = .done) -> ExperimentReport {
    let ranks: [[Double]] = [[1, 2], [3, 4], [5, 9], [0, 0], [0, 0], [0, 6]]
    return ExperimentReport(
      experiment,
      records: zip(experiment.plans, ranks).enumerated().map { index, pair in
        record(pair.0, ranks: pair.1, of: "l4.weight", status: index == 5 ? last : .done)
      })
  }

  @Test func `statistics agree with values computed by hand`() throws {
    #expect(Statistics([]) == nil)
    let one = try #require(Statistics([4]))
    #expect(one.mean == 4 && one.standardDeviation == nil && one.minimum == 4 && one.maximum == 4)
    let three = try #require(Statistics([2, 9, 4]))
    #expect(three.mean == 5 && three.minimum == 2 && three.maximum == 9)
    // The sum of the squares of −3, 4 and −1, divided by 2.
    #expect(three.standardDeviation == 13.0.squareRoot())
  }

  @Test func `runs that differ only in seeds form one setting`() throws {
    let report = report(try experiment())
    let groups = RunGroup.groups(of: report.results)
    #expect(groups.map(\.results.count) == [3, 3])
    #expect(groups[0].results.map(\.plan.seed) == [1, 2, 3])
    #expect(groups[0].results.map(\.plan.modelSeed) == [0, 1, 2])
  }

  @Test func `the summary has one row per setting, over the finished runs`() throws {
    let table = report(try experiment(), last: .diverged).summary
    func column(_ name: String) -> [String] {
      table.headings.firstIndex(of: name).map { index in table.rows.map { $0[index] } } ?? []
    }
    #expect(column("learning_rate") == ["0.1", "0.2"] && column("depth") == ["2", "2"])
    #expect(column("runs") == ["3", "3"] && column("done") == ["3", "2"])
    #expect(column("final_rank_l4_mean") == ["5", "0"])
    #expect(column("final_rank_l4_sd") == ["\(13.0.squareRoot())", "0"])
    #expect(
      column("final_rank_l4_min") == ["2", "0"] && column("final_rank_l4_max") == ["9", "0"])
    #expect(
      column("final_rank_l3_mean") == ["1", "1"] && column("test_accuracy_mean") == ["75", "75"])
    #expect(!table.headings.contains("seed"))
  }

  @Test func `the overview contains the settings that differ and the number of runs per status`()
    throws
  {
    let text = report(try experiment(), last: .diverged).overview.aligned
    let lines = text.split(separator: "\n")
    #expect(lines.count == 3 && lines[0].contains("learning_rate  runs"))
    #expect(lines[1].hasSuffix("done") && lines[2].hasSuffix("2 done, 1 diverged"))
    #expect(lines[1].contains("5.0 (2–9)") && lines[1].contains("75.00 %"))
  }

  @Test func `the overview always fits 80 columns`() throws {
    let experiment = try Experiment(
      yaml: """
        name: wide
        runs:
          - {init: [Partial_Identity, ZerO_Paper_Scale], width: [1024, 2048], depth: [1, 2],
             learning_rate: [0.05, 0.1], batch_size: [64, 128], bias: [0.01, 0.001], repeat: 3}
        """, path: "wide.yaml")
    let records = experiment.plans.map { record($0, ranks: [1], of: "l4.weight") }
    let text = ExperimentReport(experiment, records: records).overviewText()
    let lines = text.split(separator: "\n").map(String.init)
    #expect(lines.allSatisfy { $0.count <= 80 }, "\(text)")
    #expect(lines.count == 28, "a heading, 24 of 64 settings, and three notes")
    #expect(
      lines[0] == "init               n_h  depth  batch    lr   bias  rank l3  from start l3"
    )
    #expect(lines[25] == "not shown: time, status, ceiling, runs, test (summary.csv)")
    #expect(lines[26] == "and 40 more settings (summary.csv)")
    #expect(lines[27] == ExperimentReport.rankNote)

    // The last setting has a diverged run, so it is shown in preference to completed ones.
    let diverged =
      records.dropLast() + [
        record(try #require(experiment.plans.last), ranks: [1], status: .diverged)
      ]
    let told = ExperimentReport(experiment, records: Array(diverged)).overviewText()
    #expect(told.contains("\nruns: 191 done, 1 diverged\n"))
    #expect(told.split(separator: "\n").allSatisfy { $0.count <= 80 })
    for columns in [20, 40, 60] {
      let text = ExperimentReport(experiment, records: records).overviewText(columns: columns)
      let table = text.components(separatedBy: "\n").prefix(25)
      #expect(table.allSatisfy { $0.count <= columns }, "\(text)")
    }
  }

  @Test func `missing runs are counted`() throws {
    let whole = report(try experiment())
    let partial = ExperimentReport(
      whole.experiment, records: whole.experiment.plans.prefix(2).map { record($0, ranks: [1]) },
      missing: whole.experiment.plans.suffix(4))
    #expect(partial.summary.rows.count == 2 && !partial.isConfirmed)
    let lines = partial.overview.aligned.split(separator: "\n")
    #expect(lines[1].hasSuffix("2 done, 1 not started") && lines[2].hasSuffix("not started"))
  }

  @Test func `labels that are equal get the keys in which their curves differ`() throws {
    let experiment = try experiment(label: "{init}")
    let chart = report(experiment).figures[0].chart
    #expect(
      chart.series.map(\.label) == [
        "random, learning rate 0.1", "random, learning rate 0.2",
      ])
  }

  @Test func `a mean contains only finished runs`() throws {
    let experiment = try experiment()
    let chart = report(experiment, last: .diverged).figures[0].chart
    #expect(chart.series.map(\.label) == ["lr 0.1 (3 seeds)", "lr 0.2 (2 seeds)"])
    #expect(chart.series[1].points.map(\.y) == [0, 0])
  }

  @Test func `a curve over several seeds is the mean, with the range as a band`() throws {
    let experiment = try experiment()
    let chart = report(experiment).figures[0].chart
    #expect(chart.series.map(\.label) == ["lr 0.1", "lr 0.2"])
    let figure = try #require(FigureCurves.figures(report(experiment).figures).first).figure
    #expect(figure.notes == ["Lines: mean of 3 seeds; bands: minimum to maximum."])
    #expect(chart.series[0].points == [Chart.Point(x: 1, y: 3), Chart.Point(x: 51, y: 5)])
    #expect(
      chart.series[0].band == [
        Chart.Span(x: 1, low: 1, high: 5), Chart.Span(x: 51, low: 2, high: 9),
      ])
    let single = try self.experiment(label: "{learning_rate} {seed}")
    let curves = report(single).figures[0].chart.series
    #expect(curves.count == 6 && curves.allSatisfy { $0.band.isEmpty })
  }

  @Test func `every rank names its tensor, and tables show the tensor of the figure`() throws {
    let report = report(try experiment())
    let overview = report.overview
    #expect(overview.headings.contains("rank l4") && overview.headings.contains("from start l4"))
    let place = try #require(overview.headings.firstIndex(of: "rank l4"))
    #expect(overview.rows.map { $0[place] } == ["5.0 (2–9)", "2.0 (0–6)"])
    for tensor in ["l3", "l4"] {
      let names = ["final_rank_\(tensor)", "final_rank_from_start_\(tensor)", "ceiling_\(tensor)"]
      #expect(Set(names).isSubset(of: report.runs.headings))
      #expect(Set(names.map { $0 + "_mean" }).isSubset(of: report.summary.headings))
    }
    let page = try #require(report.pageTables.last).headings.map(\.text)
    #expect(Set(["rank l4", "from start l4", "ceiling l4"]).isSubset(of: page))
    #expect(report.overviewText().contains("over several seeds: mean (smallest–largest)"))
  }

  @Test func `a bias in a figure has its own columns`() throws {
    let experiment = try Experiment(
      yaml: """
        name: biases
        runs: [{init: ZerO, width: 8}]
        figure: {quantity: rank, tensor: l3.bias, label: "{init}"}
        """, path: "biases.yaml")
    let records = experiment.plans.map { record($0, ranks: [1, 7], of: "l3.bias") }
    let report = ExperimentReport(experiment, records: records)
    let place = try #require(report.runs.headings.firstIndex(of: "final_rank_l3.bias"))
    #expect(report.runs.rows.map { $0[place] } == ["7"])
    #expect(report.overview.headings.contains("rank l3.bias"))
  }

  @Test func `runs with equal initial weights are named`() throws {
    let experiment = try Experiment(
      yaml: """
        name: same
        runs: [{init: [Partial_Identity, Random, ZerO, OnE], width: [8, 16]}]
        """, path: "same.yaml")
    let report = ExperimentReport(
      experiment, records: experiment.plans.map { record($0, ranks: [1]) })
    // 12 pixels: at 16 units ZerO has Hadamard rows and OnE has random rows.
    let sentences = [
      "ZerO-w8: same initial weights as Partial_Identity-w8, so the same results",
      "OnE-w8: same initial weights as Partial_Identity-w8, so the same results",
    ]
    #expect(report.sameStarts == sentences)
    let page = try report.page()
    for sentence in sentences {
      #expect(report.overviewText().contains(sentence + "\n"))
      #expect(page.contains("<p class=\"remark\">\(sentence).</p>"))
    }
  }
}
