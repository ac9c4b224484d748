// Figures of some of the runs.

import Experiments
import Figures
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
    let charts = report.experiment.figures.map { $0.chart(of: report.records) }
    #expect(
      charts[0].series.map(\.label) == [
        "Random 8 (2 seeds)", "Random 16 (2 seeds)", "ZerO 8 (2 seeds)", "ZerO 16 (2 seeds)",
      ])
    #expect(charts[1].series.map(\.label) == ["ZerO 8", "ZerO 16"])
    #expect(charts[2].series.map(\.label) == ["Random 8 (2 seeds)", "ZerO 8 (0, 2 seeds)"])
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
    #expect(captions[2].hasSuffix(" Runs with width 8. 0 throughout: ZerO 8."))
  }
}
