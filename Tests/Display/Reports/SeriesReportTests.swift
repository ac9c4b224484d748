// The table, figure, page and files of a series, from known rows.

import Foundation
import TestSupport
import Testing
import ZerOCheckpoints
import ZerOFigures
import ZerOMessages
import ZerONamePatterns
import ZerOSeries
import ZerOSpectra

@testable import ZerOReports

@Suite struct SeriesReportTests {
  private let subject = SeriesReport.Subject(
    path: "runs/gpt", difference: "W - W_0", startStep: 0, rule: .absolute(1e-4),
    command: "zerolab rank", notes: ["W₀ is step0.pt"])

  /// Two matrices at steps 0, 10 and 20; the first has n equal values after n steps, at most 4.
  private func rows(startNorm: Double? = 2) throws -> [SeriesRow] {
    try [0, 10, 20].flatMap { step in
      let size = Double(step) / 10
      return [
        try seriesRow(
          step, "a.weight", [size, size, 0, 0], isStart: step == 0, startNorm: startNorm),
        try seriesRow(
          step, "b.weight", [3 * size, 4 * size / 100], isStart: step == 0, startNorm: startNorm),
      ]
    }
  }

  private func report(_ rows: [SeriesRow], groups: [String] = [], quantities: [String]? = nil)
    -> SeriesReport
  {
    SeriesReport(
      rows, of: subject,
      quantities: quantities.map { $0.compactMap(SeriesQuantity.named) } ?? SeriesQuantity.standard,
      groups: groups.map(NamePattern.init))
  }

  @Test func `the table has first, middle and last value, and the distance from the start`() throws
  {
    let table = report(try rows() + [try seriesRow(30, "a.weight", [3, 0, 0, 0])]).table
    #expect(
      table.headings == [
        "matrix", "shape", "effective rank", "stable rank", "energy rank 90 %", "moved",
      ])
    let cells = table.rows[0].map { $0.replacing(/\s+/, with: " ").trimmingPrefix(" ") }
    #expect(cells == ["a.weight", "4x8", "2 → 2 → 1", "2 → 2 → 1", "2 → 2 → 1", "1.5"])
    #expect(table.rows[1][2].hasSuffix(" → –"), "a missing row has no value")
    let caption = report(try rows()).tableCaption
    #expect(caption == "steps 10 → 20; moved: ‖Wₜ − W₀‖/‖W₀‖ at the last step", "no start")
    let withDistance = report(try rows(), quantities: ["rank", "relative_distance"])
    #expect(withDistance.tableCaption == "steps 10 → 20; moved: ‖Wₜ − W₀‖/‖W₀‖")
  }

  @Test func `a series of only the start has a table, a figure and a page without values`() throws {
    let report = report(try rows().filter { $0.step == 0 })
    #expect(report.tableCaption == "no values yet")
    #expect(report.table.rows.allSatisfy { $0[2] == "–" })
    #expect(report.figure.panels.allSatisfy { $0.series.allSatisfy(\.points.isEmpty) })
    let page = try report.page()
    #expect(page.contains(#""chosen":[]"#) && page.contains(#""quantities":[]"#))
  }

  @Test func `the start has a value if nothing is subtracted from it`() throws {
    let about = SeriesReport.Subject(
      path: "run", difference: "W", rule: .absolute(1e-4), command: "")
    let report = SeriesReport(try rows(startNorm: nil), of: about)
    #expect(report.history.landmarks == [0, 10, 20])
    #expect(report.table.rows[0][2].replacing(/\s+/, with: " ") == "0 → 2 → 2")
  }

  @Test func `the columns of the CSV are the described ones, step first`() throws {
    let table = report(try rows() + [try failedRow(20, "c.weight")]).fullTable
    #expect(table.headings == SeriesFields.csv.map(\.name) && table.headings[0] == "step")
    #expect(table.rows.map { $0[0] } == ["0", "0", "10", "10", "20", "20", "20"])
    let place = try #require(table.headings.firstIndex(of: "effective_rank"))
    #expect(table.rows[2][place] == "2.0")
    let failed = table.rows[6]
    #expect(failed[place].isEmpty && failed.last == "1 NaN and 0 infinite values of 8; no rank")
  }

  @Test func `comparisons of weights have axes and columns of their own`() throws {
    let report = report(try rows(), quantities: ["similarity_to_previous", "relative_distance"])
    #expect(
      report.figure.panels.map(\.yLabel) == [
        "similarity to the previous checkpoint", "relative distance from the start",
      ])
    #expect(report.table.headings == ["matrix", "shape", "similarity", "moved"])
    #expect(
      report.figure.notes.contains("Relative distance from the start: ‖Wₜ − W₀‖/‖W₀‖, Frobenius."))
  }

  @Test func `a row has the same numbers after it was written and read`() throws {
    let row = try rows()[2]
    let read = try JSONDecoder().decode(SeriesRow.self, from: JSONEncoder().encode(row))
    #expect(read == row && read.results?.startNorm == 2)
  }

  @Test func `a band is the median with the smallest and largest value`() {
    #expect(Band([3, 1, 2]).map { [$0.median, $0.low, $0.high] } == [2, 1, 3])
    #expect(Band([4, 1, 2, 3])?.median == 2.5)
    #expect(Band([]) == nil)
  }

  @Test func `a figure has a panel per quantity and a band per group`() throws {
    let rows = try [1, 2].flatMap { step in
      try (0..<9).map { layer in
        try seriesRow(
          step, "h.\(layer).mlp.weight", (0..<16).map { $0 <= layer ? Double(step) : 0 })
      }
    }
    let figure = report(rows).figure
    #expect(
      figure.panels.map(\.yLabel) == [
        "effective rank of Wₜ − W₀", "stable rank of Wₜ − W₀",
        "energy rank 90 % of Wₜ − W₀",
      ])
    let curve = try #require(figure.panels[1].series.first)
    #expect(figure.panels[1].series.count == 1 && curve.label == "h.*.mlp ×9")
    #expect(curve.points == [Chart.Point(x: 1, y: 5), Chart.Point(x: 2, y: 5)])
    #expect(curve.band[0] == Chart.Span(x: 1, low: 1, high: 9))
    #expect(figure.notes.contains("×n: median of n matrices; band: minimum to maximum."))
    let rank = report(rows, quantities: ["rank"]).figure
    #expect(rank.panels[0].yLabel == "rank of Wₜ − W₀, tolerance 10⁻⁴")
  }

  @Test(arguments: [
    ([0, 1, 16, 64, 256], true), ([1, 2, 4, 8, 16, 32], true),
    (Array(stride(from: 100, through: 20_000, by: 100)), false),
    ([0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512] + (1...143).map { 1000 * $0 }, true),
    ((0...3).map { 1 + $0 * (1 << 60) }, false), ([10, 100, 1000], true), ([], false),
    ([0], false), ([0, 100], false), (Array(stride(from: 0, through: 300, by: 50)), false),
    ([500, 1000, 1500, 1530], false),
  ])
  func `steps that grow geometrically have a logarithmic axis`(steps: [Int], expected: Bool) {
    #expect(SeriesHistory.areGeometric(steps) == expected)
  }

  @Test(arguments: [
    ("W - W_0", 0 as Int?, StepUnit.step, "Wₜ − W₀", "Wₜ: weights at step t; W₀: initial weights."),
    ("W - W_0", 100, .step, "Wₜ − W₀", "Wₜ: weights at step t; W₀: weights at step 100."),
    ("W - W_0", 0, .epoch, "Wₜ − W₀", "Wₜ: weights at epoch t; W₀: weights at epoch 0."),
    (
      "W - W of W - a.pt", nil, .step, "Wₜ − W₀",
      "Wₜ: weights at step t; W₀: weights in W - a.pt."
    ),
    ("W - I", nil, .step, "Wₜ − I", "Wₜ: weights at step t."),
    ("W", nil, .step, "Wₜ", "Wₜ: weights at step t."),
  ])
  func `the figure says what is subtracted`(
    difference: String, step: Int?, unit: StepUnit, formula: String, words: String
  ) throws {
    let about = SeriesReport.Subject(
      path: "run", difference: difference, startStep: step, rule: .numPy, unit: unit, command: "")
    let report = SeriesReport(try rows(), of: about)
    #expect(report.subject == formula && report.subjectWords == words)
    #expect(report.figure.notes.contains(words) == (difference != "W"))
  }

  @Test func `on a linear axis curves of a difference begin with 0 at the start`() throws {
    let panels = report(try rows(), quantities: ["effective_rank", "top_share"]).figure.panels
    #expect(!panels[0].isLogarithmicInCounts && panels[0].beginsAtFirstPoint)
    #expect(panels[0].series[0].points.first == Chart.Point(x: 0, y: 0))
    #expect(panels[1].series[0].points.first?.x == 10, "a fraction of zero energy is not defined")
    #expect(SeriesPageData(report(try rows())).counts.low == 0)
    let rows = try [0, 1, 2, 4, 8, 16, 32, 64].map { step in
      try seriesRow(step, "a.weight", [Double(step), 0], isStart: step == 0)
    }
    let panel = report(rows).figure.panels[0]
    #expect(panel.isLogarithmicInCounts && panel.series[0].points.first?.x == 1)
    let data = SeriesPageData(report(rows))
    #expect(data.counts.isLogarithmic && data.counts.low == 1, "no gap before the first point")
    #expect(data.matrices[0].curves["effective_rank"]?.first == .some(nil))
  }

  @Test func `curves that coincide in all panels are one with all names`() throws {
    func rows(_ names: [String], other: Double) throws -> [SeriesRow] {
      try [1, 2, 3].flatMap { step in
        try names.map { try seriesRow(step, $0, [Double(step), 1]) }
          + [try seriesRow(step, "other.weight", [other * Double(step), 1])]
      }
    }
    let tied = report(try rows(["wte.weight", "lm_head.weight"], other: 5)).figure.panels
    #expect(
      tied.map { $0.series.map(\.label) } == Array(repeating: ["wte, lm_head", "other"], count: 3))
    #expect(tied[0].series.map(\.color) == [0, 1])
    let data = SeriesPageData(report(try rows(["wte.weight", "lm_head.weight"], other: 5)))
    #expect(data.legendWords == "Curves that coincide: wte, lm_head.")
    let names = ["a", "b", "c", "d", "e", "f", "g"]
    let many = report(try rows(names, other: 5)).figure.panels[0]
    #expect(many.series.map(\.label) == ["7 curves coincide", "other"])
    let differing = report(try rows(names, other: 1.02)).figure.panels[0]
    #expect(differing.series.count == 2, "a difference that is visible in one panel suffices")
    #expect(report(try rows(["a"], other: 1)).figure.panels[0].series.count == 1)
  }

  /// The page's JSON data.
  private func records(of page: String) throws -> [String: Any] {
    let begin = try #require(page.firstRange(of: #"id="records">"#)).upperBound
    let end = try #require(page[begin...].firstRange(of: "</script>")).lowerBound
    let json = try JSONSerialization.jsonObject(with: Data(page[begin..<end].utf8))
    return try #require(json as? [String: Any])
  }

  @Test func `the curves and spectra of the page equal the rows`() throws {
    let page = try report(try rows()).page()
    let data = try records(of: page)
    #expect(data["steps"] as? [Int] == [0, 10, 20])
    let matrices = try #require(data["matrices"] as? [[String: Any]])
    let curves = try #require(matrices[0]["curves"] as? [String: [Any]])
    #expect(curves["effective_rank"]?.map { $0 as? Double } == [0, 2, 2])
    #expect(curves["relative_distance"]?.map { $0 as? Double } == [0, 0.7071, 1.414])
    #expect(data["moments"] as? [Int] == [1, 2], "the start has no spectrum to show")
    let spectra = try #require(matrices[0]["spectra"] as? [[String: Any]])
    #expect(spectra[1]["values"] as? [[Double]] == [[1, 2], [2, 2]], "zeros are not drawn")
    #expect(spectra[1]["count"] as? Int == 4 && spectra[1]["rank"] as? Int == 2)
    for text in ["runs/gpt", "zerolab rank", "tolerance 10⁻⁴", "step10.pt (step 10)"] {
      #expect(page.contains(text), "\(text)")
    }
  }

  @Test func `remarks name groups without a matrix, and ranks that rounding may cause`() throws {
    #expect(report(try rows()).remarks.isEmpty)
    #expect(
      report(try rows(), groups: ["mlp"]).remarks == [
        "no matrix is in the group 'mlp'; the first one is 'a.weight'"
      ])
    let rounded = report([
      try seriesRow(1, "a", [1, 1e-3, 1e-3], noise: 0.01),
      try seriesRow(1, "b", [1, 1], noise: 0.01),
    ])
    #expect(
      rounded.remarks == [
        "singular values above the tolerance that rounding to F32 alone may cause, at the last step: a (2 of 3)"
      ])
    #expect(try rounded.page().contains("rounding to F32 alone may cause"))
  }

  @Test func `matrices without a rank are prominent, the sources of the numbers are a list`() throws
  {
    let page = try report(try rows() + [try failedRow(20, "c.weight")]).page()
    let main = try #require(page.firstRange(of: "<main")).lowerBound
    let header = page[..<main]
    #expect(header.contains("without a rank</strong> c.weight at step 20: 1 NaN"))
    #expect(!header.contains("W₀ is step0.pt"))
    #expect(page[main...].contains("<li>W₀ is step0.pt</li>"))
    #expect(page.contains("relative distance from the start (column “moved”)"))
    #expect(header.contains("3 matrices in 3 checkpoints, steps 0 to 20;"))
    let single = try report([try seriesRow(1, "a", [1, 1])]).page()
    #expect(single.contains("1 matrix in 1 checkpoint, step 1;"))
    #expect(single.contains("The chart shows up to 1 step and"))
  }

  @Test func `a page loads nothing, and names are escaped`() throws {
    let hostile = "</script><script>alert(1)</script><b>&\"{{name}}"
    let page = try report([try seriesRow(1, hostile, [1, 1]), try seriesRow(2, hostile, [1, 1])])
      .page()
    let text = page.replacing("http://www.w3.org/2000/svg", with: "")
    for needle in ["http:", "https:", "src=", "@import", "url(h"] {
      #expect(!text.contains(needle), "\(needle)")
    }
    #expect(page.contains("default-src 'none'"))
    #expect(!page.contains("<script>alert") && !page.contains("<b>&"))
  }

  @Test func `the page of a large series is limited and states what it omits`() throws {
    let values = (0..<256).map { pow(0.97, Double($0)) }
    let rows = try (0..<30).flatMap { step in
      try (0..<20).map { try seriesRow(step, "h.\($0).w", values) }
    }
    let limits = SeriesPageData.Limits(matrices: 10, values: 900, singularValues: 2000, moments: 4)
    let data = SeriesPageData(report(rows), limits)
    #expect(data.matrices.count == 10 && data.matrices[0].name == "h.0.w")
    #expect(data.steps == [0, 3, 6, 9, 12, 15, 18, 21, 24, 27, 29], "one in three, and the last")
    let drawn = data.matrices.map { $0.curves.values.map(\.count).reduce(0, +) }.reduce(0, +)
    #expect(drawn <= 900 + 10 * data.quantities.count)
    #expect(data.moments.count == 4 && data.moments.last == 10)
    let spectra = data.matrices.flatMap(\.spectra).map { $0.values?.count ?? 0 }
    #expect(spectra.allSatisfy { $0 > 24 && $0 < 80 })
    #expect(data.remarks.contains { $0.contains("curves of 10 of 20 matrices") })
    #expect(data.remarks.contains { $0.contains("one in 3 steps") })
    #expect(data.groups[0].count == 20 && data.groups[0].members.count == 10)
    #expect(SeriesPageData(report(rows)).remarks.isEmpty)
  }

  @Test func `a report writes its files, and the same bytes again`() throws {
    try withTemporaryFolder { folder in
      let report = report(try rows())
      let names = try report.write(to: folder)
      #expect(
        names == ["ranks.csv", "figure.pdf", "figure.svg", "figure.png", "report.html"])
      let first = try names.map { try Data(contentsOf: folder.appendingPathComponent($0)) }
      #expect(first.allSatisfy { !$0.isEmpty })
      _ = try report.write(to: folder)
      #expect(first == (try names.map { try Data(contentsOf: folder.appendingPathComponent($0)) }))
      let events = try FileManager.default.contentsOfDirectory(
        atPath: folder.appendingPathComponent("tensorboard").path)
      #expect(events.count == 1)
    }
  }
}
