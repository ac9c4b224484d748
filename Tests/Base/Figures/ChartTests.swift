import Testing

@testable import ZerOFigures

@Suite struct ChartTests {
  private func chart(_ top: Double) -> Chart {
    Chart(
      xLabel: "update", yLabel: "rank(W₃ − I)",
      series: [
        Chart.Series(
          label: "nₕ = 256",
          points: (0...10).map { Chart.Point(x: Double(50 * $0 + 1), y: top * Double($0) / 10) })
      ],
      lines: [
        Chart.Line(label: "input dimension 784", y: 784, color: Color(0xCC0000), isDashed: true)
      ])
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

  @Test func `a logarithmic axis covers decades and omits values that are not positive`() throws {
    let axis = Axis(decadesOf: [0, 3e-8, 2e-3], count: 6)
    #expect(axis.ticks.map(axis.text) == ["10⁻⁸", "10⁻⁷", "10⁻⁶", "10⁻⁵", "10⁻⁴", "10⁻³", "10⁻²"])
    #expect(abs(axis.position(1e-5) - 0.5) < 1e-12)
    let wide = Axis(decadesOf: [1e-12, 1], count: 6)
    #expect(wide.ticks.count == 7 && wide.ticks.map(wide.text).last == "10⁰")
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

  @Test func `a logarithmic axis of counts ends at the last count and has 0 before a gap`() {
    let axis = Axis(countsOf: [0, 1, 16, 4000], count: 6)
    #expect(axis.ticks.map(axis.text) == ["0", "1", "10", "100", "1000"])
    #expect(axis.position(0) == 0 && axis.position(4000) == 1)
    #expect(axis.position(1) == 0.09 && axis.breakPosition == 0.045)
    let middle = (axis.position(1) + axis.position(100)) / 2
    #expect(abs(axis.position(10) - middle) < 1e-12, "equal factors have equal distances")
    let positive = Axis(countsOf: [5, 40], count: 6)
    #expect(positive.ticks == [5, 10, 20] && positive.breakPosition == nil)
    #expect(positive.position(5) == 0 && positive.position(40) == 1)
    let long = Axis(countsOf: [1, 1e6], count: 4)
    #expect(long.ticks.map(long.text) == ["10⁰", "10²", "10⁴", "10⁶"])
    #expect(Axis(countsOf: [0], count: 6).ticks == [0, 1, 2, 5, 10])
    #expect(Axis(countsOf: [], count: 6).ticks == [1, 2, 5, 10])
    #expect(Axis(countsOf: [200_000, 500_000], count: 6).ticks == [200_000, 500_000])
  }

  @Test func `panels have a range of their own, unless their labels are equal`() throws {
    func chart(_ label: String, _ top: Double) -> Chart {
      Chart(
        xLabel: "x", yLabel: label,
        series: [
          Chart.Series(
            label: "", points: [Chart.Point(x: 0, y: 0), Chart.Point(x: 1, y: top)])
        ], lines: [])
    }
    func file(_ charts: [Chart]) throws -> String {
      String(decoding: try Figure(panels: charts).file(.svg), as: UTF8.self)
    }
    // The curve of the first panel changes with the second panel's range.
    let shared = try file([chart("a", 1), chart("a", 9)])
    let own = try file([chart("a", 1), chart("b", 9)])
    let first = try #require(own.firstMatch(of: /<path style="fill:none;stroke-width:1.4;[^>]*>/))
    let line = String(first.0)
    #expect(!shared.contains(line))
    let other = try file([chart("a", 1), chart("b", 99)])
    #expect(other.contains(line))
  }

  @Test func `more than three panels are in rows, and equal curves share a legend`() throws {
    func size(_ figure: Figure) throws -> [Int] {
      let file = try figure.file(.png)
      return [16, 20].map { start in file[start..<start + 4].reduce(0) { $0 << 8 | Int($1) } }
    }
    func panel(_ label: String, count: Int) -> Chart {
      Chart(
        xLabel: "x", yLabel: label,
        series: (0..<count).map {
          Chart.Series(
            label: "curve \($0)", points: [Chart.Point(x: 0, y: 0), Chart.Point(x: 1, y: 1)])
        }, lines: [])
    }
    let three = try size(Figure(panels: ["a", "b", "c"].map { panel($0, count: 1) }))
    let four = try size(Figure(panels: ["a", "b", "c", "d"].map { panel($0, count: 1) }))
    #expect(four[0] == three[0] && four[1] > 2 * three[1] - 60)
    let many = try size(Figure(panels: ["a", "b", "c"].map { panel($0, count: 30) }))
    let single = try size(Figure(panels: [panel("a", count: 30)]))
    #expect(many[1] - three[1] < single[1] - three[1], "one legend in more columns")
    #expect(try !Figure(panels: []).file(.svg).isEmpty)
  }

  @Test func `a ceiling is drawn once, in the color of its first curve`() throws {
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
    #expect(Set(files).count == 3)
    #expect(files[1] == files[2])
  }

  @Test func `a chart without curves is drawn too`() throws {
    let empty = Chart(xLabel: "x", yLabel: "y", series: [], lines: [])
    #expect(try !empty.file(.svg).isEmpty)
  }

  @Test(arguments: [
    ([0, 901], 6, [0.0, 200, 400, 600, 800]), ([1, 784, 498], 6, [0, 200, 400, 600]),
    ([18_701], 6, [0, 5000, 10_000, 15_000]), ([0.2], 6, [0, 0.05, 0.1, 0.15, 0.2]),
    ([], 5, [0, 0.2, 0.4, 0.6, 0.8, 1]), ([-3, 3], 6, [-3, -2, -1, 0, 1, 2, 3]),
  ])
  func `ticks are round numbers within the range of the data`(
    values: [Double], count: Int, ticks: [Double]
  ) {
    let axis = Axis(covering: values, count: count)
    #expect(axis.ticks.count == ticks.count)
    for (tick, expected) in zip(axis.ticks, ticks) { #expect(abs(tick - expected) < 1e-12) }
  }

  @Test func `an axis of points far from 0 begins at the first one if the chart asks for it`()
    throws
  {
    let axis = Axis(covering: [500, 700], from: 500, count: 4)
    #expect(axis.position(500) == 0 && axis.ticks == [500, 550, 600, 650, 700])
    func file(beginsAtFirstPoint: Bool) throws -> [UInt8] {
      let points = [Chart.Point(x: 500, y: 1), Chart.Point(x: 700, y: 2)]
      return try Chart(
        xLabel: "x", yLabel: "y", series: [Chart.Series(label: "curve", points: points)], lines: [],
        beginsAtFirstPoint: beginsAtFirstPoint
      ).file(.svg)
    }
    #expect(try file(beginsAtFirstPoint: true) != file(beginsAtFirstPoint: false))
  }

  @Test func `names of sections replace the ticks of an axis`() throws {
    func file(_ sections: [Chart.Section], count: Int = 20, step: Int = 1) throws -> [UInt8] {
      let points = (0..<count).map { Chart.Point(x: Double(1 + $0 * step), y: 1) }
      return try Chart(
        xLabel: "x", yLabel: "y", series: [Chart.Series(label: "curve", points: points)], lines: [],
        sections: sections
      ).file(.svg)
    }
    let halves = [Chart.Section(label: "a", end: 10.5), Chart.Section(label: "b", end: 20.5)]
    #expect(try file(halves) != file([]))
    // An axis of ten times the length has other ticks, and the same places of sections.
    let stretched = halves.map { Chart.Section(label: $0.label, end: 1 + 10 * ($0.end - 1)) }
    #expect(try file(stretched, step: 10) == file(halves))
    // Of the names of two short sections only the first has room.
    let short = ["long name", "another"].enumerated().map { index, name in
      Chart.Section(label: name, end: Double(index) / 10 + 1.1)
    }
    let last = Chart.Section(label: "b", end: 20.5)
    let unnamed = [short[0], Chart.Section(label: "", end: short[1].end), last]
    #expect(try file(short + [last]) == file(unnamed))
    // Without points the axis ends at 2; what is beyond is not drawn.
    let within = [Chart.Section(label: "a", end: 1.5), Chart.Section(label: "b", end: 2)]
    let beyond = [within[0]] + halves + [Chart.Section(label: "c", end: 30)]
    let inner = Chart.Section(label: "a", end: 2)
    #expect(try file(beyond, count: 0) == file([within[0], inner], count: 0))
  }

  @Test func `headroom widens an axis at ends other than 0`() {
    let rising = Axis(covering: [0, 100], count: 5, headroom: 0.05)
    #expect(rising.lower == 0 && rising.upper == 105)
    let difference = Axis(covering: [-10, 10], count: 5, headroom: 0.05)
    #expect(difference.lower == -11 && difference.upper == 11)
  }

  @Test func `tick texts are short`() {
    let axis = Axis(covering: [0.35], count: 6)
    #expect(axis.text(200) == "200" && axis.text(0.25) == "0.25" && axis.text(-3) == "−3")
    #expect(axis.ticks.map(axis.text).allSatisfy { $0.count <= 4 })
  }

  @Test func `the colors of curves are all different`() {
    for (index, color) in Color.palette.enumerated() {
      #expect(Color.palette.firstIndex(of: color) == index)
    }
  }

  @Test func `labels keep their distance and move as little as possible`() throws {
    func spread(_ heights: [Double]) -> [Double]? {
      EndLabels.spread(heights, distance: 10, within: 0...100)
    }
    #expect(spread([20, 60]) == [20, 60])
    #expect(spread([50, 50]) == [45, 55])
    #expect(spread([40, 45, 50]) == [35, 45, 55])
    #expect(spread([0, 2]) == [0, 10], "the lower end of the range holds them")
    #expect(spread([98, 99, 100]) == [80, 90, 100])
    #expect(spread([]) == [])
    #expect(spread([Double](repeating: 50, count: 12)) == nil, "there is room for eleven")
  }

  @Test func `panels are side by side, with notes below them`() throws {
    func width(_ figure: Figure) throws -> Int {
      // A PNG file has width and height, highest byte first, behind its first 16 bytes.
      try figure.file(.png)[16..<20].reduce(0) { $0 << 8 | Int($1) }
    }
    let one = Figure(panels: [chart(100)])
    let two = Figure(panels: [chart(100), chart(200)], notes: ["A note."])
    #expect(try width(two) > width(one))
    #expect(try one.file(.svg) != Figure(panels: [chart(100)], notes: ["A note."]).file(.svg))
    #expect(try one.file(.svg) == chart(100).file(.svg))
  }

  @Test func `a legend holds the labels that do not fit beside the curves`() throws {
    let labels = (0..<30).map { "random, learning rate \($0)" }
    let series = labels.map {
      Chart.Series(label: $0, points: [Chart.Point(x: 0, y: 0), Chart.Point(x: 9, y: 9)])
    }
    func height(_ count: Int) throws -> Int {
      let chart = Chart(
        xLabel: "update", yLabel: "rank", series: Array(series.prefix(count)), lines: [])
      return try chart.file(.png)[20..<24].reduce(0) { $0 << 8 | Int($1) }
    }
    #expect(try height(1) == height(2), "beside the curves")
    #expect(try height(30) > height(2), "below the plot")
  }
}
