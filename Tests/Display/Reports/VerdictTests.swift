import Foundation
import TestSupport
import Testing
import ZerOExperiments
import ZerOFigures
import ZerOMessages
import ZerORecords
import ZerOTraining

@testable import ZerOReports

@Suite struct VerdictTests {
  private func experiment(_ claim: String) throws -> Experiment {
    try Experiment(
      yaml: """
        name: small
        question: How far?
        runs: [{init: [Partial_Identity, ZerO], width: [8, 16]}]
        figure:
          quantity: rank
          tensor: l3.weight
          label: "{init} {width}"
          lines: [{label: bound, y: input_dimension, color: red, dashed: true}]
        claims: [{\(claim)}]
        """, path: "small.yaml")
  }

  private func verdict(_ claim: String, ranks: [[Double]], last: RunStatus.State = .done) throws
    -> Verdict
  {
    let experiment = try experiment(claim)
    let records = zip(experiment.plans, ranks).enumerated().map { index, pair in
      record(pair.0, ranks: pair.1, status: index == 3 ? last : .done)
    }
    return Verdict(experiment.claims[0], on: records.map { RunResult($0) })
  }

  private let atMost =
    "runs: {init: Partial_Identity}, tensor: l3.weight, quantity: rank, at_most: input_dimension"
  private let exceeds = "runs: {init: ZerO}, tensor: l3.weight, quantity: rank, exceeds: 12"

  @Test func `a satisfied bound is held, with the largest value`() throws {
    let verdict = try verdict(atMost, ranks: [[1, 9, 8], [2, 12], [99], [99]])
    #expect(verdict.isHeld)
    #expect(
      verdict.sentence == """
        Held: rank(l3.weight - I) of Partial_Identity never exceeds the input dimension 12; \
        the largest is 12 (Partial_Identity, n_h = 16, after 51 updates).
        """)
  }

  @Test func `a single violation before the end violates the bound`() throws {
    let verdict = try verdict(atMost, ranks: [[1, 13, 8], [2, 12], [1], [1]])
    #expect(!verdict.isHeld)
    #expect(verdict.sentence.hasPrefix("Violated: "))
    #expect(
      verdict.sentence.contains("the largest is 13 (Partial_Identity, n_h = 8, after 51 updates)"))
  }

  @Test func `every run must exceed the bound, and the smallest decides`() throws {
    let held = try verdict(exceeds, ranks: [[1], [1], [12, 20], [13, 5]])
    #expect(held.isHeld && held.sentence.contains("it reaches 13 (ZerO, n_h = 16"))
    let violated = try verdict(exceeds, ranks: [[99], [99], [20], [12, 12]])
    #expect(!violated.isHeld && violated.sentence.contains("it only reaches 12 (ZerO, n_h = 16"))
  }

  @Test func `runs that are not done or have no measurements decide nothing`() throws {
    for verdict in [
      try verdict(exceeds, ranks: [[1], [1], [20], [20]], last: .diverged),
      try verdict(exceeds, ranks: [[1], [1], [20], []]),
    ] {
      #expect(!verdict.isHeld && verdict.sentence.hasPrefix("Undecided: "))
    }
    #expect(try verdict(atMost, ranks: [[1], [1], [20], [20]], last: .diverged).isHeld)
    let all = "runs: {}, tensor: l3.weight, quantity: rank, at_most: 12"
    let violated = try verdict(all, ranks: [[1], [13], [2], [3]], last: .diverged)
    #expect(
      violated.sentence.hasPrefix("Violated: "), "an unfinished run does not hide a violation")
  }

  @Test func `a report writes summary and figures and is confirmed if all claims are held`() throws
  {
    let experiment = try experiment(atMost)
    let good = ExperimentReport(
      experiment, records: experiment.plans.map { record($0, ranks: [1, 5]) })
    #expect(good.isConfirmed)
    let bad = ExperimentReport(
      experiment, records: experiment.plans.map { record($0, ranks: [1, 5], status: .diverged) })
    #expect(!bad.isConfirmed)
    try withTemporaryFolder { url in
      let names = try good.write(to: ExperimentFolder(url))
      #expect(names == ["report.html", "small.pdf", "small.svg", "small.png"])
      let runs = try String(contentsOf: url.appendingPathComponent("runs.csv"), encoding: .utf8)
      let lines = runs.split(separator: "\n")
      #expect(lines.count == 5)
      #expect(
        lines[0].hasPrefix(
          "run,data,classes,train_images,test_images,normalize,augment,init,init_rules,model,width,depth,"
            + "activation,blocks,widths,norm,residual,model_seed,seed,epochs,"
        ))
      #expect(
        lines[0].hasSuffix(
          ",status,message,input_dimension,final_rank_l3,final_rank_from_start_l3,ceiling_l3,test_loss,"
            + "test_accuracy,seconds"
        ))
      #expect(lines[1].hasSuffix(",done,,12,5,5,,0.5,75,1.25"))
    }
    #expect(
      good.overview.aligned.split(separator: "\n").allSatisfy { $0.count < 80 },
      "the table fits a narrow terminal")
  }

  @Test func `points are drawn at the number of updates`() throws {
    let experiment = try experiment(atMost)
    let records = [record(experiment.plans[0], ranks: [1, 5])]
    let chart = ExperimentReport(experiment, records: records).figures[0].chart
    #expect(chart.series[0].label == "partial identity 8")
    #expect(chart.series[0].points.map(\.x) == [1, 51])
    #expect(chart.lines.map(\.y) == [12])
  }

  @Test func `the figures have every color that an experiment may use`() throws {
    for color in FigureSpecification.lineColors {
      let text = "runs: {init: ZerO}, tensor: l3.weight, quantity: rank, exceeds: 1"
      let yaml = try experiment(text).source.replacing("color: red", with: "color: \(color)")
      let experiment = try Experiment(yaml: yaml, path: "x.yaml")
      let records = [record(experiment.plans[0], ranks: [1])]
      let chart = ExperimentReport(experiment, records: records).figures[0].chart
      #expect(try chart.lines.map(\.color) == [#require(Color.named[color])])
    }
  }
}
