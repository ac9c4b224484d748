import Testing

@testable import Figures

@Suite struct ChartTests {
  private func chart(_ top: Double) -> Chart {
    Chart(
      xLabel: "Iterations", yLabel: "Rank",
      series: [
        Chart.Series(
          label: "n_h=256",
          points: (0...10).map { Chart.Point(x: Double(50 * $0 + 1), y: top * Double($0) / 10) })
      ],
      lines: [Chart.Line(label: "input_dim=784", y: 784, color: Color(0xCC0000), isDashed: true)])
  }

  @Test(arguments: FigureFormat.allCases)
  func `a chart is drawn in every format, the same bytes each time`(format: FigureFormat) throws {
    let file = try chart(100).file(format)
    let signature: [UInt8] =
      switch format {
      case .pdf: Array("%PDF-".utf8)
      case .svg: Array("<?xml".utf8)
      case .png: [0x89, 0x50, 0x4e, 0x47]
      }
    #expect(file.starts(with: signature))
    #expect(try chart(100).file(format) == file)
    #expect(try chart(200).file(format) != file, "another curve is another picture")
  }

  @Test func `a logarithmic axis covers decades, and what it has no place for isn't drawn`() throws
  {
    let axis = Axis(decadesOf: [0, 3e-8, 2e-3], count: 6)
    #expect(
      axis.ticks.map(Axis.text) == ["1e-08", "1e-07", "1e-06", "1e-05", "0.0001", "0.001", "0.01"])
    #expect(abs(axis.position(1e-5) - 0.5) < 1e-12)
    #expect(Axis(decadesOf: [1e-12, 1], count: 6).ticks.map(Axis.text).first == "1e-12")
    #expect(Axis(decadesOf: [1e-12, 1], count: 6).ticks.count == 7)
    #expect(Axis(decadesOf: [0], count: 6).ticks == [1, 10])
    func file(_ heights: [Double], isLogarithmic: Bool) throws -> [UInt8] {
      try Chart(
        xLabel: "x", yLabel: "y",
        series: [
          Chart.Series(
            label: "curve",
            points: heights.enumerated().map { Chart.Point(x: Double($0.offset), y: $0.element) })
        ], lines: [], isLogarithmic: isLogarithmic
      ).file(.svg)
    }
    let one = try file([1, 10, 100], isLogarithmic: true)
    #expect(try file([1, 10, 100], isLogarithmic: false) != one)
    #expect(try !file([0, 0, 0], isLogarithmic: true).isEmpty)
  }

  @Test func `a ceiling is drawn, and has its place in the legend`() throws {
    func file(_ ceilings: [Double?]) throws -> [UInt8] {
      try Chart(
        xLabel: "x", yLabel: "y",
        series: ceilings.map {
          Chart.Series(
            label: "curve", points: [Chart.Point(x: 0, y: 0), Chart.Point(x: 1, y: 9)], ceiling: $0)
        }, lines: [], ceilingLabel: "ceiling"
      ).file(.svg)
    }
    let files = [try file([nil, nil]), try file([8, nil]), try file([8, 8]), try file([8, 7])]
    #expect(Set(files).count == 3, "one line for equal ceilings, in the first curve's color")
    #expect(files[1] == files[2])
  }

  @Test func `a chart without curves is drawn too`() throws {
    let empty = Chart(xLabel: "x", yLabel: "y", series: [], lines: [])
    #expect(try !empty.file(.svg).isEmpty)
  }

  @Test(arguments: [
    ([0, 901], 6, [0.0, 200, 400, 600, 800, 1000]), ([1, 784, 498], 6, [0, 200, 400, 600, 800]),
    ([18_701], 6, [0, 5000, 10_000, 15_000, 20_000]), ([0.2], 6, [0, 0.05, 0.1, 0.15, 0.2]),
    ([], 5, [0, 0.2, 0.4, 0.6, 0.8, 1]), ([-3, 3], 6, [-3, -2, -1, 0, 1, 2, 3]),
  ])
  func `ticks are round, few, and cover the data`(values: [Double], count: Int, ticks: [Double]) {
    let axis = Axis(covering: values, count: count)
    #expect(axis.ticks.count == ticks.count)
    for (mine, expected) in zip(axis.ticks, ticks) { #expect(abs(mine - expected) < 1e-12) }
  }

  @Test func `tick texts are short`() {
    #expect(Axis.text(200) == "200" && Axis.text(0.25) == "0.25" && Axis.text(-3) == "-3")
    #expect(Axis(covering: [0.35], count: 6).ticks.map(Axis.text).allSatisfy { $0.count <= 4 })
  }

  @Test func `the colors of curves are all different`() {
    for (index, color) in Color.palette.enumerated() {
      #expect(Color.palette.firstIndex(of: color) == index)
    }
  }
}
