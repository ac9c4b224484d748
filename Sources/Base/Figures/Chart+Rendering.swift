// How a chart looks. One drawing serves all three formats.

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

extension Chart {
  private static let plotWidth = 263.0
  private static let smallestHeight = 290.0
  private static let legendLine = 17.0
  private static let textSize = 9.5
  private static let axisColor = Color(0x555555)
  private static let gridColor = Color(0xE6E6E6)

  /// Markers on a curve: enough to tell it from the one it hides, few enough to see the line.
  private static let markerCount = 7

  /// The chart as a file, 290 points high, or higher for a long legend, and as wide as the legend's
  /// texts ask for: the plot keeps its size.
  ///
  /// The same chart gives the same bytes, with the same fonts installed.
  ///
  /// - Throws: `DrawingError` when Cairo can't draw it.
  public func file(_ format: FigureFormat) throws(DrawingError) -> [UInt8] {
    try Canvas.file(format, width: width, height: height) { draw(on: $0) }
  }

  private var width: Double { 52 + Self.plotWidth + 24 + legendWidth }

  private var height: Double {
    max(Self.smallestHeight, 28 + Self.legendLine * Double(legendLabels.count))
  }

  /// Roomy for any text: the widest common letters take 0.65 of the size on average.
  private var legendWidth: Double {
    let longest = legendLabels.map(\.count).max() ?? 0
    return 28 + 0.65 * Self.textSize * Double(longest)
  }

  private var hasCeilings: Bool { series.contains { $0.ceiling != nil } }

  private var hasBands: Bool { series.contains { !$0.band.isEmpty } }

  private var legendLabels: [String] {
    lines.map(\.label) + (hasCeilings ? [ceilingLabel] : []) + (hasBands ? [bandLabel] : [])
      + series.map(\.label) + (remark.isEmpty ? [] : [remark])
  }

  /// Each ceiling once, with the first curve that has it.
  private var ceilings: [(y: Double, curve: Int)] {
    series.enumerated().reduce(into: []) { ceilings, curve in
      guard let y = curve.element.ceiling, !ceilings.contains(where: { $0.y == y }) else { return }
      ceilings.append((y, curve.offset))
    }
  }

  /// What can be drawn of the curves: a logarithmic axis has no place for zeros.
  private var drawnSeries: [Series] {
    guard isLogarithmic else { return series }
    return series.map { curve in
      Series(
        label: curve.label, points: curve.points.filter { $0.y > 0 },
        band: curve.band.filter { $0.low > 0 }, ceiling: curve.ceiling)
    }
  }

  private func draw(on canvas: Canvas) {
    let series = drawnSeries
    let points = series.flatMap(\.points)
    let ends = series.flatMap(\.band).flatMap { [$0.low, $0.high] }
    let heights = points.map(\.y) + ends + lines.map(\.y) + ceilings.map(\.y)
    let frame = Frame(
      x: Axis(covering: self.series.flatMap(\.points).map(\.x), count: 6),
      y: isLogarithmic ? Axis(decadesOf: heights, count: 6) : Axis(covering: heights, count: 6),
      left: 52, right: 52 + Self.plotWidth, top: 14, bottom: height - 42)

    drawAxes(frame, on: canvas)
    // Below every curve, so that no curve is dimmed.
    for (index, curve) in series.enumerated() {
      let upper = curve.band.map { frame.place(Point(x: $0.x, y: $0.high)) }
      let lower = curve.band.reversed().map { frame.place(Point(x: $0.x, y: $0.low)) }
      canvas.shade(upper + lower, color: Self.color(index))
    }
    for line in lines {
      canvas.stroke(
        [(frame.left, frame.vertical(line.y)), (frame.right, frame.vertical(line.y))],
        color: line.color, width: 1.6, dashes: Self.dashes(line))
    }
    for (y, curve) in ceilings {
      canvas.stroke(
        [(frame.left, frame.vertical(y)), (frame.right, frame.vertical(y))],
        color: Self.color(curve), width: 1.4, dashes: Self.dots)
    }
    for (index, curve) in series.enumerated() {
      canvas.stroke(curve.points.map(frame.place), color: Self.color(index), width: 1.6)
    }
    // All markers lie above all lines, each curve's at places of its own: where one curve covers
    // another, the markers of both are seen.
    for (index, curve) in series.enumerated() {
      for place in Self.markerPlaces(curve.points.count, curve: index, of: series.count) {
        let (x, y) = frame.place(curve.points[place])
        canvas.fill(Self.marker(index, x: x, y: y, radius: 3.2), color: Self.color(index))
      }
    }
    drawLegend(on: canvas, x: frame.right + 12, y: frame.top + 6)
  }

  private func drawAxes(_ frame: Frame, on canvas: Canvas) {
    for tick in frame.y.ticks {
      let y = frame.vertical(tick)
      canvas.stroke([(frame.left, y), (frame.right, y)], color: Self.gridColor, width: 0.6)
      canvas.write(
        Axis.text(tick), x: frame.left - 6, y: y + 3.4, size: Self.textSize, alignment: .right)
    }
    for tick in frame.x.ticks {
      let x = frame.horizontal(tick)
      canvas.stroke(
        [(x, frame.bottom), (x, frame.bottom + 3.5)], color: Self.axisColor, width: 0.8)
      canvas.write(
        Axis.text(tick), x: x, y: frame.bottom + 15, size: Self.textSize, alignment: .center)
    }
    canvas.stroke(
      [(frame.left, frame.top), (frame.left, frame.bottom), (frame.right, frame.bottom)],
      color: Self.axisColor, width: 0.8)
    canvas.write(
      xLabel, x: (frame.left + frame.right) / 2, y: height - 9, size: Self.textSize + 1.5,
      alignment: .center)
    canvas.write(
      yLabel, x: 14, y: (frame.top + frame.bottom) / 2, size: Self.textSize + 1.5,
      alignment: .center, isVertical: true)
  }

  private func drawLegend(on canvas: Canvas, x: Double, y: Double) {
    var y = y
    for line in lines {
      canvas.stroke(
        [(x, y), (x + 22, y)], color: line.color, width: 1.6, dashes: Self.dashes(line))
      canvas.write(line.label, x: x + 28, y: y + 3.4, size: Self.textSize)
      y += Self.legendLine
    }
    if hasCeilings {
      canvas.stroke([(x, y), (x + 22, y)], color: Self.axisColor, width: 1.4, dashes: Self.dots)
      canvas.write(ceilingLabel, x: x + 28, y: y + 3.4, size: Self.textSize)
      y += Self.legendLine
    }
    if hasBands {
      canvas.shade(
        [(x, y - 5), (x + 22, y - 5), (x + 22, y + 5), (x, y + 5)], color: Self.axisColor)
      canvas.write(bandLabel, x: x + 28, y: y + 3.4, size: Self.textSize)
      y += Self.legendLine
    }
    for (index, curve) in series.enumerated() {
      if !curve.band.isEmpty {
        canvas.shade(
          [(x, y - 5), (x + 22, y - 5), (x + 22, y + 5), (x, y + 5)], color: Self.color(index))
      }
      canvas.stroke([(x, y), (x + 22, y)], color: Self.color(index), width: 1.6)
      canvas.fill(Self.marker(index, x: x + 11, y: y, radius: 3.2), color: Self.color(index))
      canvas.write(curve.label, x: x + 28, y: y + 3.4, size: Self.textSize)
      y += Self.legendLine
    }
    if !remark.isEmpty { canvas.write(remark, x: x + 28, y: y + 3.4, size: Self.textSize) }
  }

  private static let dots = [1.5, 2.5]

  private static func dashes(_ line: Line) -> [Double] { line.isDashed ? [5, 3] : [] }

  private static func color(_ index: Int) -> Color { Color.palette[index % Color.palette.count] }

  /// Evenly spaced indices, shifted from curve to curve.
  private static func markerPlaces(_ count: Int, curve: Int, of curves: Int) -> [Int] {
    let spacing = Double(count) / Double(max(1, min(count, markerCount)))
    let shift = (Double(curve) + 0.5) / Double(curves)
    let places = (0..<min(count, markerCount)).map { Int((Double($0) + shift) * spacing) }
    return places.filter { $0 < count }
  }

  /// A circle, a square, a triangle, a diamond or a triangle on its tip, then the same again.
  private static func marker(_ index: Int, x: Double, y: Double, radius: Double)
    -> [(x: Double, y: Double)]
  {
    let (corners, turn): (Int, Double) = [
      (24, 0), (4, 0.25), (3, -0.5), (4, 0), (3, 0.5),
    ][index % 5]
    return (0..<corners).map { corner in
      let angle = .pi * (2 * (Double(corner)) / Double(corners) + turn)
      return (x + radius * cos(angle), y + radius * sin(angle))
    }
  }

  /// The plot's rectangle and its axes.
  private struct Frame {
    let x: Axis
    let y: Axis
    let left: Double
    let right: Double
    let top: Double
    let bottom: Double

    func horizontal(_ value: Double) -> Double { left + x.position(value) * (right - left) }

    func vertical(_ value: Double) -> Double { bottom - y.position(value) * (bottom - top) }

    func place(_ point: Point) -> (x: Double, y: Double) {
      (horizontal(point.x), vertical(point.y))
    }
  }
}
