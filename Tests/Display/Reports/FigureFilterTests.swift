// Figures of some of the runs.

import Experiments
import Figures
import Records
import Testing
import Training

@testable import Reports

@Suite struct FigureFilterTests {
  private func experiment() throws -> Experiment {
    try Experiment(
      yaml: """
        name: small
        data: mnist
        runs: [{init: [Random, ZerO], width: [8, 16], seed: [1, 2]}]
        figure:
          - {name: all, quantity: rank, tensor: l3.weight, label: "{init} {width}"}
          - {name: some, runs: {init: ZerO, seed: 2}, quantity: rank, tensor: l3.weight, label: "{init} {width}"}
          - {name: zeros, runs: {width: 8}, quantity: rank, tensor: l3.weight, label: "{init} {width}", y_scale: log}
        """, path: "small.yaml")
  }

  /// ZerO's ranks are 0 throughout.
  private func report() throws -> ExperimentReport {
    let experiment = try experiment()
    let records = experiment.plans.map {
      record($0, ranks: $0.initializer == "ZerO" ? [0, 0] : [1, 4])
    }
    return ExperimentReport(experiment, records: records)
  }

  @Test func `a figure has the curves of the runs that it names`() throws {
    let report = try report()
    let charts = report.figures.map(\.chart)
    #expect(
      charts[0].series.map(\.label) == [
        "Random 8 (mean of 2 seeds)", "Random 16 (mean of 2 seeds)", "ZerO 8 (mean of 2 seeds)",
        "ZerO 16 (mean of 2 seeds)",
      ])
    #expect(charts[1].series.map(\.label) == ["ZerO 8", "ZerO 16"])
    #expect(
      charts[2].series.map(\.label) == [
        "Random 8 (mean of 2 seeds)", "ZerO 8 (0, mean of 2 seeds)",
      ])
  }

  @Test func `so has the page, which says what it left out`() throws {
    let data = PageData(try report())
    let shown = data.figures.map { $0.runs.map { data.runs[$0].id } }
    #expect(shown[0].count == 8)
    #expect(shown[1] == ["ZerO-w8-m0-s2", "ZerO-w16-m0-s2"])
    #expect(shown[2].count == 4 && shown[2].allSatisfy { $0.contains("-w8-") })
    let captions = data.figures.map(\.caption)
    #expect(!captions[0].contains("Runs with") && !captions[0].contains("0 throughout"))
    #expect(captions[1].hasSuffix(" Runs with init ZerO, seed 2."))
    #expect(
      captions[2].hasSuffix(
        " Runs with width 8. Bold: the mean of a setting's seeds that are done; its band extends from the "
          + "smallest to the largest of their values. 0 throughout: ZerO 8."))
  }

  @Test func `a figure of differences has one run's values minus the other's, where both have one`()
    throws
  {
    let experiment = try Experiment(
      yaml: """
        name: small
        data: mnist
        runs: [{init: ZerO, width: [8, 16], ties: [dense, exact]}]
        figure:
          - {quantity: rank, tensor: l3.weight, label: "{width} {ties}"}
          - {name: apart, runs: {ties: dense}, minus: {ties: exact}, quantity: rank, tensor: l3.weight, label: "{width}", y_label: Apart}
        """, path: "small.yaml")
    let ranks: [[Double]] = [[1, 4, 9], [3, 4], [7, 8], [7, 8]]
    let ceiling = CeilingRow(tensors: ["l3.weight": 5], fromIdentity: ["l3.weight"])
    let records = zip(experiment.plans, ranks).map { record($0, ranks: $1, ceiling: ceiling) }
    let series = ExperimentReport(experiment, records: records).figures[1].chart.series
    #expect(series.map(\.label) == ["8", "16"] && series.allSatisfy { $0.ceiling == nil })
    #expect(series[0].points.map(\.x) == [1, 51] && series[0].points.map(\.y) == [-2, 0])
    #expect(series[1].points.map(\.y) == [0, 0])
    // Without the exact run at 8 there is nothing to subtract.
    let fewer = records.filter { $0.plan != experiment.plans[1] }
    #expect(ExperimentReport(experiment, records: fewer).figures[1].chart.series.count == 1)

    let data = PageData(ExperimentReport(experiment, records: records))
    #expect(data.figures.map(\.curve) == ["rank l3.weight", "difference 1"])
    #expect(
      data.runs.map { $0.curves["difference 1"] } == [[-2, 0, nil], nil, [0, 0], nil])
    let caption = data.figures[1].caption
    #expect(caption.hasSuffix(" Runs with ties dense. Subtracted is the same run with ties exact."))
  }
}
