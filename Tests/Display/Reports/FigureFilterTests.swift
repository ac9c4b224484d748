// Figures of selected runs, panels, and the texts of figures.

import Testing
import ZerOExperiments
import ZerOFigures
import ZerORecords
import ZerOTraining

@testable import ZerOReports

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

  /// The ranks of ZerO are 0 throughout.
  private func report() throws -> ExperimentReport {
    let experiment = try experiment()
    let records = experiment.plans.map {
      record($0, ranks: $0.initializer == "ZerO" ? [0, 0] : [1, 4])
    }
    return ExperimentReport(experiment, records: records)
  }

  @Test func `a figure contains the curves of its runs`() throws {
    let report = try report()
    let charts = report.figures.map(\.chart)
    #expect(
      charts[0].series.map(\.label) == [
        "random 8", "random 16", "ZerO 8", "ZerO 16",
      ])
    #expect(charts[1].series.map(\.label) == ["ZerO 8", "ZerO 16"])
    #expect(charts[2].series.map(\.label) == ["random 8"])
    let notes = FigureCurves.figures(report.figures)[2].figure.notes
    #expect(notes.last == "Not drawn, 0 throughout: ZerO 8.")
  }

  @Test func `the page has the same curves, and its captions state the selection`() throws {
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
        " Runs with width 8. Bold: mean over the finished seeds of a setting; the band extends from the "
          + "minimum to the maximum. 0 throughout: ZerO 8."))
  }

  @Test
  func `a figure of differences subtracts the counterpart at the updates that both runs have`()
    throws
  {
    let experiment = try Experiment(
      yaml: """
        name: small
        data: mnist
        runs: [{init: ZerO, width: [8, 16], symmetry: [dense, reduced]}]
        figure:
          - {quantity: rank, tensor: l3.weight, label: "{width} {symmetry}"}
          - {name: apart, runs: {symmetry: dense}, minus: {symmetry: reduced}, quantity: rank, tensor: l3.weight, label: "{width}", y_label: Apart}
        """, path: "small.yaml")
    let ranks: [[Double]] = [[1, 4, 9], [3, 4], [7, 8], [7, 8]]
    let ceiling = CeilingRow(tensors: ["l3.weight": 5], fromIdentity: ["l3.weight"])
    let records = zip(experiment.plans, ranks).map { record($0, ranks: $1, ceiling: ceiling) }
    let series = ExperimentReport(experiment, records: records).figures[1].chart.series
    #expect(series.map(\.label) == ["8", "16"] && series.allSatisfy { $0.ceiling == nil })
    #expect(series[0].points.map(\.x) == [1, 51] && series[0].points.map(\.y) == [-2, 0])
    #expect(series[1].points.map(\.y) == [0, 0])
    // Without the exact run at width 8 nothing can be subtracted.
    let fewer = records.filter { $0.plan != experiment.plans[1] }
    #expect(ExperimentReport(experiment, records: fewer).figures[1].chart.series.count == 1)

    let data = PageData(ExperimentReport(experiment, records: records))
    #expect(data.figures.map(\.curve) == ["rank l3.weight", "difference 1"])
    #expect(
      data.runs.map { $0.curves["difference 1"] } == [[-2, 0, nil], nil, [0, 0], nil])
    let caption = data.figures[1].caption
    #expect(
      caption.hasSuffix(
        " Runs with symmetry dense. The same run with symmetry reduced is subtracted."))
  }

  @Test func `the panels of a figure are charts of one file, with one color per setting`() throws {
    let experiment = try Experiment(
      yaml: """
        name: small
        data: mnist
        runs: [{init: [Partial_Identity, ZerO], width: [8, 16]}]
        measure: {quantities: [rank, rank_from_start]}
        figure:
          - panels:
              - {title: Two widths, runs: {init: Partial_Identity}, quantity: rank, tensor: l3.weight, label: "n_h={width}"}
              - {runs: {width: 16}, quantity: rank_from_start, tensor: l3.weight, label: "{init}"}
          - {name: other, quantity: rank, tensor: l3.weight, label: "{init} {width}"}
          - name: labels
            panels:
              - {runs: {width: 8}, quantity: rank, tensor: l3.weight, label: "{init}"}
              - {runs: {width: 16}, quantity: rank, tensor: l3.weight, label: "{init}"}
          - name: all
            panels:
              - {runs: {width: 8}, quantity: rank, tensor: l3.weight, label: "{init}"}
              - {runs: {width: 16}, quantity: rank, tensor: l3.weight, label: "{init}"}
              - {quantity: rank, tensor: l3.weight, label: "{init} {width}"}
        """, path: "small.yaml")
    let report = ExperimentReport(
      experiment, records: experiment.plans.map { record($0, ranks: [1, 4]) })
    let figures = FigureCurves.figures(report.figures)
    #expect(figures.map(\.name) == ["small", "other", "labels", "all"])
    // Settings with the same label in two panels have the same color.
    #expect(
      figures[2].figure.panels.map { $0.series.map(\.color) } == [[0, 1], [0, 1]])
    // But not if another panel contains both.
    let colors = figures[3].figure.panels.map { $0.series.compactMap(\.color) }
    #expect(colors.map { Set($0).count } == [2, 2, 4])
    let panels = figures[0].figure.panels
    #expect(panels.map(\.title) == ["Two widths", ""])
    #expect(panels.map(\.xLabel) == ["update", "update"])
    #expect(
      panels.map(\.yLabel) == [
        "rank(W₃ − I), absolute tolerance 10⁻⁴", "rank(W₃ − W₀), absolute tolerance 10⁻⁴",
      ])
    #expect(
      panels.map { $0.series.map(\.label) } == [
        ["nₕ = 8", "nₕ = 16"], ["partial identity", "ZerO"],
      ])
    #expect(panels.map { $0.series.map(\.color) } == [[0, 1], [1, 2]])
  }

  @Test(arguments: [
    ("n_h=256", "nₕ = 256"), ("input_dim=784", "input dim = 784"), ("n_x", "nₓ"),
    ("W_3 of my_layer", "W₃ of my layer"), ("{init}, n_h={width}", "{init}, nₕ = {width}"),
    ("a b = c", "a b = c"), ("", ""),
  ])
  func `texts of figures have symbols instead of identifiers`(
    text: String, typeset expected: String
  ) {
    #expect(typeset(text) == expected)
  }

  @Test(arguments: [
    ("Partial_Identity", "partial identity"), ("ZerO", "ZerO"), ("Random", "random"),
    ("ZerO_Paper_Scale", "ZerO paper scale"), ("IDInit_Branch_End", "IDInit branch end"),
    ("KaimingUniform", "Kaiming uniform"), ("OnE", "OnE"), ("DCT", "DCT"), ("Spray", "Spray"),
  ])
  func `initializers have words for names`(name: String, words: String) {
    #expect(FigureText.words(for: name) == words)
  }

  @Test func `labels contain the values of the plan, under present and former keys`() {
    var plan = TrainingPlan(initializer: "Partial_Identity", width: 8)
    plan.bias = nil
    let labels = CurveLabels(
      "{init}, n_h={width}, bias {bias}, {ties}, {learning_rate}", plans: [plan])
    #expect(labels.text(plan) == "partial identity, nₕ = 8, bias none, dense, 0.1")
  }

  @Test func `tensors and tolerances have symbols`() {
    #expect(FigureText.quantity("rank", of: "l3.weight") == "rank(W₃ − I)")
    #expect(FigureText.quantity("rank_from_start", of: "l12.weight") == "rank(W₁₂ − W₀)")
    #expect(FigureText.quantity("rank", of: "l3.bias") == "rank(b₃ − I)")
    #expect(FigureText.symbol(of: "conv1.weight") == "conv1.weight")
    #expect(FigureText.power(1e-4) == "10⁻⁴" && FigureText.power(0.00025) == "0.00025")
  }
}

@Suite struct RunQuantityTests {
  @Test func `a figure of the test accuracy has one value per epoch`() throws {
    let experiment = try Experiment(
      yaml: """
        name: small
        runs: [{init: ZerO, width: 8}]
        figure:
          - {name: accuracy, quantity: test_accuracy, label: "{init}"}
          - {name: loss, quantity: loss, label: "{init}"}
        """, path: "small.yaml")
    let plan = try #require(experiment.plans.first)
    let record = record(plan, ranks: [1, 2, 3])
    var curves = experiment.figures.map { FigureCurves($0, of: experiment.plans) }
    // 96 images in batches of 64 are two updates per epoch, and 15 of 20 images are correct.
    let accuracy = curves[0].add(record, other: { _ in nil })
    #expect(accuracy.map(\.updates) == [2] && accuracy.map(\.value) == [75])
    let loss = curves[1].add(record, other: { _ in nil })
    #expect(loss.map(\.updates) == [1, 51, 101] && loss.map(\.value) == [1, 1, 1])
    #expect(curves[0].yLabel == "test accuracy (%)")
  }

  @Test func `the usual figures of a convolutional network are over its kernels`() throws {
    let experiment = try Experiment(
      yaml: "name: small\nruns: [{init: ZerO, model: resnet20}]\n", path: "small.yaml")
    #expect(experiment.figures.map(\.axis) == [.depth, .updates])
    #expect(experiment.figures.map(\.quantity) == ["rank_from_start", "test_accuracy"])
  }

  @Test func `the page repeats the first figure with a curve over the updates`() throws {
    func main(_ figures: String) throws -> Int? {
      try Experiment(
        yaml: "name: small\nruns: [{init: ZerO, width: 8}]\nfigure: [\(figures)]\n",
        path: "small.yaml"
      ).mainFigure
    }
    let (depth, test, rank) = (
      "{name: d, quantity: rank, x: depth, label: a}", "{name: t, quantity: test_loss, label: a}",
      "{name: r, quantity: rank, tensor: l3.weight, label: a}"
    )
    #expect(try main("\(rank), \(depth)") == 0 && main("\(depth), \(test), \(rank)") == 2)
    #expect(try main("\(depth), \(test)") == nil)
  }

  @Test func `a figure over the kernels of a residual network names its stages`() throws {
    func sections(_ runs: String) throws -> [Chart.Section] {
      let experiment = try Experiment(
        yaml: "name: small\nruns: \(runs)\nfigure: {quantity: rank, x: depth, label: '{init}'}\n",
        path: "small.yaml")
      return FigureCurves(experiment.figures[0], of: experiment.plans).chart.sections
    }
    let found = try sections("[{init: [ZerO, Random], model: resnet18}]")
    #expect(found.map(\.label) == ["conv1", "layer1", "layer2", "layer3", "layer4"])
    #expect(found.map(\.end) == [1.5, 5.5, 10.5, 15.5, 20.5])
    // Networks of different depth have no common stages, and an MLP has none.
    #expect(try sections("[{init: ZerO, model: [resnet18, resnet34]}]").isEmpty)
    #expect(try sections("[{init: ZerO, width: 8}]").isEmpty)
  }
}
