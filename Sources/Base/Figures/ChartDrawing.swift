// One chart of a figure: axes, curves and labels at their places.

/// The rectangle of a plot and its axes.
struct Frame {
  let x: Axis
  let y: Axis
  let left: Double
  let right: Double
  let top: Double
  let bottom: Double

  func horizontal(_ value: Double) -> Double { left + x.position(value) * (right - left) }

  func vertical(_ value: Double) -> Double { bottom - y.position(value) * (bottom - top) }

  func place(_ point: Chart.Point) -> (x: Double, y: Double) {
    (horizontal(point.x), vertical(point.y))
  }
}

/// A chart with the places of its parts.
struct ChartDrawing {
  /// The plot.
  let frame: Frame

  /// The right end of the chart with its labels.
  let right: Double

  /// The lower end of the chart with its legend.
  let bottom: Double

  private let chart: Chart
  private let curves: [Curve]
  private let hasVerticalLabels: Bool
  private let endLabels: [EndLabels.Label]?
  private let lineLabels: [LineLabels.Label]
  private let legend: Legend?

  private struct Curve {
    let points: [(x: Double, y: Double)]
    let band: [(x: Double, y: Double)]
    let color: Color
    let dashes: [Double]
  }

  /// Lays a chart out.
  ///
  /// - Parameters:
  ///   - chart: The chart.
  ///   - y: The vertical axis.
  ///   - left: The left end of the plot.
  ///   - top: The upper end of the plot.
  ///   - size: The size of the plot.
  ///   - hasVerticalLabels: Whether ticks and label of the vertical axis are written.
  ///   - hasLabels: Whether curves have labels, beside their ends or in a legend.
  ///   - canvas: Measures texts.
  init(
    _ chart: Chart, y: Axis, left: Double, top: Double, size: (width: Double, height: Double),
    hasVerticalLabels: Bool, hasLabels: Bool = true, on canvas: Canvas
  ) {
    let series = chart.drawnSeries
    let places = chart.series.flatMap(\.points).map(\.x)
    let start = chart.beginsAtFirstPoint ? places.min() ?? 0 : chart.sections.isEmpty ? 0 : 1
    let frame = Frame(
      x: chart.isLogarithmicInCounts
        ? Axis(countsOf: places, count: 6) : Axis(covering: places, from: start, count: 6),
      y: y, left: left,
      right: left + size.width, top: top, bottom: top + size.height)
    self.chart = chart
    self.frame = frame
    self.hasVerticalLabels = hasVerticalLabels

    var curves: [Curve] = []
    for (index, series) in series.enumerated() {
      let points = series.points.map(frame.place)
      let color = series.color ?? index
      let upper = series.band.map { frame.place(Chart.Point(x: $0.x, y: $0.high)) }
      let lower = series.band.reversed().map { frame.place(Chart.Point(x: $0.x, y: $0.low)) }
      let covered = curves.count { Self.coincide($0.points, points) }
      curves.append(
        Curve(
          points: points, band: upper + lower, color: Self.color(color),
          dashes: covered > 0 ? [4, 4 * Double(covered)] : Self.dashes(color)))
    }
    self.curves = curves

    let labels = zip(series, curves).map { series, curve in
      (text: series.label, end: curve.points.last, color: curve.color)
    }
    endLabels = hasLabels ? EndLabels.places(of: labels, in: frame, on: canvas) : []
    let entries = zip(chart.series, curves).map { series, curve in
      Legend.Entry(label: series.label, color: curve.color, dashes: curve.dashes)
    }
    let axisBottom = frame.bottom + 16 + Style.axisLabelHeight
    let tickRight = Self.names(of: chart, in: frame).map {
      $0.x + canvas.width(of: $0.text, font: Style.tick) / 2
    }.max()
    let plotRight = max(frame.right + Style.margin, (tickRight ?? 0) + 3)
    if let endLabels {
      legend = nil
      let widest = endLabels.map { canvas.width(of: $0.text, font: Style.label) }.max() ?? 0
      right = max(
        plotRight, endLabels.isEmpty ? 0 : frame.right + EndLabels.gap + widest + Style.margin)
      bottom = axisBottom
    } else {
      let legend = Legend(
        entries, left: frame.left, top: axisBottom, width: size.width, on: canvas)
      self.legend = legend
      right = max(plotRight, frame.left + legend.width + Style.margin)
      bottom = axisBottom + legend.height
    }
    lineLabels = LineLabels.places(
      of: chart.lines.map { (text: $0.label, y: $0.y, color: $0.color) }
        + chart.ceilings.map {
          (
            text: "\(chart.ceilingLabel) \(frame.y.text($0.y))", y: $0.y,
            color: curves[$0.curve].color
          )
        },
      avoiding: curves.map(\.points), in: frame, on: canvas)
  }

  /// Whether the labels of the curves are in a legend below the plot.
  var hasLegend: Bool { legend != nil }

  /// The entries of a legend for a chart, apart from dashes of curves that coincide.
  static func legendEntries(_ chart: Chart) -> [Legend.Entry] {
    chart.series.enumerated().map { index, series in
      let number = series.color ?? index
      return Legend.Entry(label: series.label, color: color(number), dashes: dashes(number))
    }
  }

  func draw(on canvas: Canvas) {
    drawAxes(on: canvas)
    // Bands are drawn below all curves, so no curve is dimmed.
    for curve in curves { canvas.shade(curve.band, color: curve.color) }
    for line in chart.lines {
      drawLine(at: line.y, line.color, dashes: line.isDashed ? Style.dashes : [], on: canvas)
    }
    for (y, curve) in chart.ceilings {
      drawLine(at: y, curves[curve].color, dashes: Style.dots, on: canvas)
    }
    for curve in curves {
      canvas.stroke(
        curve.points, color: curve.color, width: Style.curveWidth, dashes: curve.dashes)
      // A single measurement is a dot.
      if curve.points.count == 1, let point = curve.points.first {
        canvas.fill(x: point.x - 1.5, y: point.y - 1.5, width: 3, height: 3, color: curve.color)
      }
    }
    for label in lineLabels {
      canvas.write(
        label.text, x: label.x, y: label.baseline, font: Style.small, color: label.color.forText,
        hasHalo: true)
    }
    for label in endLabels ?? [] {
      canvas.stroke(
        [(frame.right + 2, label.end), (frame.right + EndLabels.gap - 3, label.middle)],
        color: label.color, width: 0.7)
      canvas.write(
        label.text, x: frame.right + EndLabels.gap, y: label.middle + 3, font: Style.label,
        color: label.color.forText)
    }
    legend?.draw(on: canvas)
  }

  private func drawAxes(on canvas: Canvas) {
    if !chart.title.isEmpty {
      canvas.write(chart.title, x: frame.left, y: frame.top - 9, font: Style.title)
    }
    for tick in frame.y.ticks {
      let y = frame.vertical(tick)
      canvas.stroke(
        [(frame.left, y), (frame.right, y)], color: Style.gridColor, width: 0.6)
      guard hasVerticalLabels else { continue }
      canvas.stroke(
        [(frame.left - 3, y), (frame.left, y)], color: Style.axisColor, width: 0.7)
      canvas.write(
        frame.y.text(tick), x: frame.left - 5, y: y + 3.1, font: Style.tick, alignment: .right)
    }
    let borders = chart.sections.map(\.end).filter { frame.x.lower < $0 && $0 < frame.x.upper }
    let marks = chart.sections.isEmpty ? frame.x.ticks : borders
    for x in marks.map(frame.horizontal) {
      canvas.stroke([(x, frame.top), (x, frame.bottom)], color: Style.gridColor, width: 0.6)
      canvas.stroke(
        [(x, frame.bottom), (x, frame.bottom + 3)], color: Style.axisColor, width: 0.7)
    }
    var free = -Double.infinity
    for (text, x) in Self.names(of: chart, in: frame) {
      let half = canvas.width(of: text, font: Style.tick) / 2
      // The names of short sections would overlap.
      guard x - half >= free else { continue }
      canvas.write(text, x: x, y: frame.bottom + 13, font: Style.tick, alignment: .center)
      free = x + half + 2
    }
    canvas.stroke(
      [(frame.left, frame.top), (frame.left, frame.bottom), (frame.right, frame.bottom)],
      color: Style.axisColor, width: 0.8)
    if let middle = frame.x.breakPosition {
      let x = frame.left + middle * (frame.right - frame.left)
      canvas.fill(x: x - 1.5, y: frame.bottom - 2, width: 3, height: 4, color: Color(0xFFFFFF))
      for side in [x - 1.5, x + 1.5] {
        canvas.stroke(
          [(side - 1.5, frame.bottom + 3), (side + 1.5, frame.bottom - 3)], color: Style.axisColor,
          width: 0.8)
      }
    }
    canvas.write(
      chart.xLabel, x: (frame.left + frame.right) / 2, y: frame.bottom + 27, font: Style.axis,
      alignment: .center)
    guard hasVerticalLabels else { return }
    let ticks = frame.y.ticks.map { canvas.width(of: frame.y.text($0), font: Style.tick) }
    // A long label uses a smaller font to fit beside the plot.
    let length = canvas.width(of: chart.yLabel, font: Style.axis)
    let size = Style.axis.size * min(1, (frame.bottom - frame.top + 14) / max(1, length))
    canvas.write(
      chart.yLabel, x: frame.left - (ticks.max() ?? 0) - 11, y: (frame.top + frame.bottom) / 2,
      font: Font(size: size), alignment: .center, isVertical: true)
  }

  private func drawLine(at y: Double, _ color: Color, dashes: [Double], on canvas: Canvas) {
    let y = frame.vertical(y)
    canvas.stroke(
      [(frame.left, y), (frame.right, y)], color: color, width: Style.lineWidth, dashes: dashes)
  }

  /// The texts below the horizontal axis: the numbers of its ticks, or the names of its sections at their middles.
  private static func names(of chart: Chart, in frame: Frame) -> [(text: String, x: Double)] {
    guard !chart.sections.isEmpty else {
      return frame.x.ticks.map { (frame.x.text($0), frame.horizontal($0)) }
    }
    var start = frame.x.lower
    return chart.sections.compactMap { section in
      let end = min(section.end, frame.x.upper)
      guard end > start else { return nil }
      defer { start = end }
      return (section.label, frame.horizontal((start + end) / 2))
    }
  }

  private static func color(_ index: Int) -> Color { Color.palette[index % Color.palette.count] }

  /// Solid for the first round of the palette, then dashed and dotted.
  private static func dashes(_ index: Int) -> [Double] {
    [[], [6, 2.5], [2, 2], [7, 2, 1.5, 2]][index / Color.palette.count % 4]
  }

  /// Whether a curve hides another one: nearly all of its points coincide with the other's.
  private static func coincide(
    _ first: [(x: Double, y: Double)], _ second: [(x: Double, y: Double)]
  ) -> Bool {
    guard first.count == second.count, first.count > 1 else { return false }
    let near = zip(first, second).count { abs($0.x - $1.x) < 0.1 && abs($0.y - $1.y) < 1.5 }
    return Double(near) > 0.8 * Double(first.count)
  }
}

extension Color {
  /// A darker color with enough contrast for letters on white.
  var forText: Color { mixed(with: Color(0x000000), fraction: 0.3) }
}

/// A legend below a chart, in as many columns as fit.
struct Legend {
  struct Entry {
    let label: String
    let color: Color
    let dashes: [Double]
  }

  private static let sample = 20.0

  /// The height of all rows.
  let height: Double

  /// The width of all columns.
  let width: Double

  /// The left end.
  let left: Double

  /// The lower end.
  var bottom: Double { top + height }

  private let entries: [Entry]
  private let top: Double
  private let columnWidth: Double
  private let rows: Int

  init(_ entries: [Entry], left: Double, top: Double, width: Double, on canvas: Canvas) {
    let widest = entries.map { canvas.width(of: $0.label, font: Style.label) }.max() ?? 0
    columnWidth = Self.sample + 5 + widest + 14
    let columns = max(1, Int(width / columnWidth))
    rows = (entries.count + columns - 1) / columns
    self.entries = entries
    self.left = left
    self.top = top
    self.width = columnWidth * Double(min(columns, max(1, entries.count)))
    height = Style.legendLine * Double(rows) + 2
  }

  func draw(on canvas: Canvas) {
    for (index, entry) in entries.enumerated() {
      let x = left + columnWidth * Double(index / rows)
      let y = top + Style.legendLine * (Double(index % rows) + 0.5)
      canvas.stroke(
        [(x, y), (x + Self.sample, y)], color: entry.color, width: Style.curveWidth + 0.3,
        dashes: entry.dashes)
      canvas.write(entry.label, x: x + Self.sample + 5, y: y + 3.1, font: Style.label)
    }
  }
}
