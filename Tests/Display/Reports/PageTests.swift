// report.html: its content comes from the records, and it loads nothing.

import Foundation
import TestSupport
import Testing
import ZerOExperiments
import ZerOLinearAlgebra
import ZerORecords
import ZerOTraining

@testable import ZerOReports

@Suite struct PageTests {
  private func experiment(question: String = "How far?", count: Int = 2) throws -> Experiment {
    try Experiment(
      yaml: """
        name: small
        question: '\(question)'
        runs: [{init: [Partial_Identity, Random], width: 8, repeat: \(count)}]
        figure:
          quantity: rank
          tensor: l3.weight
          label: "{init}"
          lines: [{label: "n_x={y}", y: input_dimension, color: red, dashed: true}]
        claims:
          - {runs: {init: Partial_Identity}, tensor: l3.weight, quantity: rank, at_most: 12}
          - {runs: {init: Random}, tensor: l3.weight, quantity: rank, exceeds: 12}
        """, path: "small.yaml")
  }

  /// A geometric spectrum that starts at 1.
  private func snapshot(count: Int, factor: Double, updates: Int, map: Int = 4) -> SnapshotRow {
    let values = (0..<count).map { Float(pow(factor, Double($0))) }
    let rank = values.count { Double($0) > 1e-4 }
    let spectrum = SnapshotRow.Spectrum(
      tolerance: 1e-4, rank: rank, smallestAbove: rank > 0 ? Double(values[rank - 1]) : nil,
      largestBelow: rank < count ? Double(values[rank]) : nil, stableRank: 1.5, effectiveRank: 2.5,
      values: values)
    let matrix = Matrix<Float>(rows: map, columns: map) { i, j in i == j ? 0.5 : Float(i - j) / 100
    }
    return SnapshotRow(
      updates: updates, tensor: "l3.weight", shape: [count, count],
      spectra: ["identity": spectrum, "start": spectrum], map: SnapshotRow.Map(matrix))
  }

  private func report(_ experiment: Experiment) -> ExperimentReport {
    ExperimentReport(
      experiment,
      records: experiment.plans.enumerated().map { index, plan in
        record(
          plan, ranks: [1, Double(5 + index)],
          snapshots: [0, 469, 938].map { snapshot(count: 40, factor: 0.7, updates: $0) })
      })
  }

  /// The page's JSON data.
  private func records(of page: String) throws -> [String: Any] {
    let begin = try #require(page.firstRange(of: #"id="records">"#)).upperBound
    let end = try #require(page[begin...].firstRange(of: "</script>")).lowerBound
    let json = try JSONSerialization.jsonObject(with: Data(page[begin..<end].utf8))
    return try #require(json as? [String: Any])
  }

  @Test func `a page contains the question, the verdicts and the command that reproduces the runs`()
    throws
  {
    let report = report(try experiment())
    let page = try report.page()
    for text in [
      "<h1>How far?</h1>", "zerolab run experiment.yaml", "small: 96 + 20 images of 12 pixels",
      report.verdicts[0].statement, "<td>Partial_Identity-w8-m0-s1</td>",
    ] {
      #expect(page.contains(text), "\(text)")
    }
    #expect(page.contains(#"<li class="held"><strong>Held</strong>"#))
    #expect(page.contains(#"<li class="violated"><strong>Violated</strong>"#))
  }

  @Test func `the curves equal the records`() throws {
    let data = try records(of: try report(try experiment()).page())
    let runs = try #require(data["runs"] as? [[String: Any]])
    #expect(runs.compactMap { $0["group"] as? Int } == [0, 0, 1, 1])
    let curves = try #require(runs[3]["curves"] as? [String: [Double]])
    #expect(curves["rank l3.weight"] == [1, 8] && curves["loss"] == [1, 1])
    #expect(data["grids"] as? [[Int]] == [[1, 51]], "all runs were measured at the same updates")
    #expect(data["groups"] as? [String] == ["partial identity", "random"])
    let figures = try #require(data["figures"] as? [[String: Any]])
    let lines = try #require(figures[0]["lines"] as? [[String: Any]])
    #expect(lines[0]["label"] as? String == "nₓ = 12" && lines[0]["y"] as? Double == 12)
  }

  @Test func `a page contains every curve of a figure and uses the figure's labels`()
    throws
  {
    let experiment = try Experiment(
      yaml: """
        name: small
        runs: [{init: ZerO, width: 8, repeat: 2}]
        figure: {quantity: rank, tensor: l3.bias, label: "seed {seed}", x_label: Steps}
        """, path: "small.yaml")
    let records = experiment.plans.map { record($0, ranks: [12_345], of: "l3.bias") }
    let data = try self.records(of: ExperimentReport(experiment, records: records).page())
    #expect(data["groups"] as? [String] == ["seed 1", "seed 2"])
    let runs = try #require(data["runs"] as? [[String: Any]])
    #expect(runs.compactMap { $0["group"] as? Int } == [0, 1])
    let curves = try #require(runs[0]["curves"] as? [String: [Double]])
    #expect(curves["rank l3.bias"] == [12_345], "integers are not rounded")
    let figures = try #require(data["figures"] as? [[String: Any]])
    #expect(figures[0]["curve"] as? String == "rank l3.bias")
    #expect(figures[0]["xLabel"] as? String == "Steps")
  }

  @Test func `a page loads nothing`() throws {
    let page = try report(try experiment()).page()
    // The SVG namespace is no address that is loaded.
    let text = page.replacing("http://www.w3.org/2000/svg", with: "")
    for needle in ["http:", "https:", "src=", "@import", "url(h", "{{"] {
      #expect(!text.contains(needle), "\(needle)")
    }
    #expect(page.contains("default-src 'none'"))
  }

  @Test func `texts of an experiment are escaped`() throws {
    let hostile = "</script><script>alert(1)</script><b>&\""
    let yaml = try experiment(question: hostile).source
      .replacing(#"label: "{init}""#, with: "label: '\(hostile)'")
    let page = try report(try Experiment(yaml: yaml, path: "small.yaml")).page()
    #expect(!page.contains("<script>alert") && !page.contains("<b>&"))
    #expect(page.contains(#"\u003c/script>\u003cscript>alert(1)"#), "in the records too")
    #expect(page.contains("&lt;script&gt;alert(1)"))
    let groups = try records(of: page)["groups"] as? [String]
    #expect(groups?.first?.hasPrefix(hostile) == true)
  }

  @Test
  func `a sampled spectrum keeps the values next to the tolerance and the total number`()
    throws
  {
    let sampling = SnapshotSampling(spectra: 2000, maps: 1000)
    let row = snapshot(count: 2000, factor: 0.99, updates: 0, map: 64)
    let found = try #require(
      sampling.snapshots([row]).first)
    let spectrum = try #require(found.spectra["identity"])
    #expect(spectrum.count == 2000 && spectrum.rank == 917 && spectrum.zeros == 0)
    #expect(spectrum.values.count < 2 * sampling.valueLimit)
    let indices = spectrum.values.map { Int($0[0]) }
    #expect(Set(914...920).isSubset(of: indices) && indices.first == 1 && indices.last == 2000)
    #expect(zip(indices, indices.dropFirst()).allSatisfy { $0 < $1 })
    let map = try #require(found.map)
    #expect(map.rows == 32 && map.columns == 32 && map.values.count == 32 * 32)
    // The largest magnitude is 0.63, in the corners.
    expectClose(map.scale, 0.63, within: Tolerance(absolute: 1e-6, because: "single precision"))
    #expect(map.values[32 * 31] == 127 && Int8(bitPattern: map.values[31]) == -127)
  }

  @Test func `zeros are counted and not drawn`() throws {
    var row = snapshot(count: 3, factor: 0, updates: 0)  // 1, 0, 0
    row = SnapshotRow(
      updates: 0, tensor: row.tensor, shape: row.shape, spectra: row.spectra,
      map: SnapshotRow.Map(Matrix(repeating: 0, rows: 2, columns: 2)))
    let found = SnapshotSampling(spectra: 1, maps: 1).snapshots([row])
    let spectrum = try #require(found[0].spectra["identity"])
    #expect(spectrum.values == [[1, 1]] && spectrum.zeros == 2 && spectrum.count == 3)
    #expect(found[0].map?.scale == 0 && found[0].map?.values == Data(count: 4))
  }

  @Test
  func `a page of 200 long runs is below five megabytes and states what it omits`()
    throws
  {
    let experiment = try experiment(count: 100)
    let rows = [0, 9380, 18760].map { snapshot(count: 2048, factor: 0.995, updates: $0, map: 64) }
    let ranks = (0..<375).map { Double($0) }
    let report = ExperimentReport(
      experiment, records: experiment.plans.map { record($0, ranks: ranks, snapshots: rows) })
    let page = try report.page()
    #expect(report.results.count == 200)
    let size = page.utf8.count
    #expect(size < 5_000_000)
    #expect(page.contains("curves show one in 2 measurements"))
    let runs = try #require(try records(of: page)["runs"] as? [[String: Any]])
    let curves = try #require(runs[199]["curves"] as? [String: [Double]])
    #expect(curves["rank l3.weight"]?.last == 374, "the last measurement is always shown")
  }

  @Test func `the page of an unfinished experiment states the numbers of unfinished runs`() throws {
    let experiment = try experiment()
    let report = ExperimentReport(
      experiment, records: [record(experiment.plans[0], ranks: [1], status: .running)],
      missing: Array(experiment.plans.dropFirst()))
    #expect(try report.page().contains("0 of 4 runs are done, 1 unfinished, 3 not started."))
  }
}
