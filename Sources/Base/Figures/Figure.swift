// The layout of one or several charts on a page.

/// Charts side by side, in rows of up to three, with notes below them.
///
/// Panels with the same vertical label share the range of their axis. A label is written beside the end of its curve
/// where the labels of all curves fit; otherwise a legend follows below the chart. Panels with the same curves have their
/// labels once per row, or a common legend.
public struct Figure: Equatable, Sendable {
  /// The charts, from left to right and then from top to bottom.
  public let panels: [Chart]

  /// Short sentences below the charts, for example the meaning of the bands.
  public let notes: [String]

  /// Makes a figure.
  public init(panels: [Chart], notes: [String] = []) {
    self.panels = panels
    self.notes = notes
  }

  /// Draws the figure.
  ///
  /// Its size follows from the labels; the plots have a fixed size. With the same fonts installed, the same figure gives
  /// the same bytes.
  ///
  /// - Throws: `DrawingError` when Cairo can't draw the figure.
  public func file(_ format: FigureFormat) throws(DrawingError) -> [UInt8] {
    var layout = Layout()
    // A page of one point serves only to measure texts.
    _ = try Canvas.file(.svg, width: 1, height: 1) { layout = Layout(self, on: $0) }
    return try Canvas.file(format, width: layout.width, height: layout.height) { canvas in
      for panel in layout.panels { panel.draw(on: canvas) }
      layout.legend?.draw(on: canvas)
      for (index, line) in layout.noteLines.enumerated() {
        let y = layout.notesTop + Style.noteLine * Double(index + 1) - 2
        canvas.write(line, x: layout.notesLeft, y: y, font: Style.note, color: Style.noteColor)
      }
    }
  }

  /// The places of everything on the page.
  private struct Layout {
    var width = 0.0
    var height = 0.0
    var panels: [ChartDrawing] = []
    var legend: Legend?
    var noteLines: [String] = []
    var notesLeft = 0.0
    var notesTop = 0.0

    init() {}

    init(_ figure: Figure, on canvas: Canvas) {
      let charts = figure.panels
      panels = Self.panels(charts, labels: .all, on: canvas)
      var bottom = panels.map(\.bottom).max() ?? Style.margin
      notesLeft = panels.first?.frame.left ?? 0
      if charts.count > 1, Self.haveSameCurves(charts) {
        // Labels beside the curves of the last panel in each row suffice, or one legend for all.
        panels = Self.panels(charts, labels: .lastOfRow, on: canvas)
        if panels.contains(where: \.hasLegend) {
          panels = Self.panels(charts, labels: .none, on: canvas)
          let right = panels.map(\.right).max() ?? 0
          legend = Legend(
            ChartDrawing.legendEntries(charts[0]), left: notesLeft,
            top: panels.map(\.bottom).max() ?? 0, width: right - notesLeft, on: canvas)
        }
        bottom = legend?.bottom ?? panels.map(\.bottom).max() ?? bottom
      }
      width = max(
        panels.map(\.right).max() ?? 0, legend.map { $0.left + $0.width + Style.margin } ?? 0)
      noteLines = Self.wrapped(
        figure.notes, width: width - notesLeft - Style.margin, on: canvas)
      notesTop = bottom + (noteLines.isEmpty ? 0 : 3)
      height = notesTop + Style.noteLine * Double(noteLines.count) + 4
    }

    /// The panels whose curves have labels.
    private enum Labels {
      case all, lastOfRow, none
    }

    /// Places panels in rows of up to three.
    ///
    /// Panels with the same vertical label share the range of the axis.
    private static func panels(_ charts: [Chart], labels: Labels, on canvas: Canvas)
      -> [ChartDrawing]
    {
      let size = Style.panelSizes[max(1, min(charts.count, Style.panelSizes.count)) - 1]
      let headline = charts.contains { !$0.title.isEmpty } ? Style.titleHeight : Style.margin
      var panels: [ChartDrawing] = []
      var (left, top) = (0.0, headline)
      for (index, chart) in charts.enumerated() {
        let isFirst = index.isMultiple(of: Style.panelSizes.count)
        if isFirst, index > 0 { (left, top) = (0, (panels.map(\.bottom).max() ?? 0) + headline) }
        let isLast = (index + 1).isMultiple(of: Style.panelSizes.count) || index + 1 == charts.count
        let alike = charts.filter { $0.yLabel == chart.yLabel }
        let heights = alike.flatMap(\.heights)
        let y =
          alike.contains(where: \.isLogarithmic)
          ? Axis(decadesOf: heights, count: 6) : Axis(covering: heights, count: 6, headroom: 0.05)
        let repeatsAxis = !isFirst && charts[index - 1].yLabel == chart.yLabel
        let ticks = y.ticks.map { canvas.width(of: y.text($0), font: Style.tick) }.max() ?? 0
        left += repeatsAxis ? Style.margin : Style.axisLabelHeight + ticks + 6
        let panel = ChartDrawing(
          chart, y: y, left: left, top: top, size: size, hasVerticalLabels: !repeatsAxis,
          hasLabels: labels == .all || labels == .lastOfRow && isLast, on: canvas)
        panels.append(panel)
        left = panel.right
      }
      return panels
    }

    /// Whether all panels have curves of the same names and colors.
    private static func haveSameCurves(_ charts: [Chart]) -> Bool {
      let names = charts.map { chart in
        chart.series.enumerated().map { "\($1.color ?? $0) \($1.label)" }
      }
      return names.allSatisfy { $0 == names[0] }
    }

    /// Notes in as few lines as the width allows.
    private static func wrapped(_ notes: [String], width: Double, on canvas: Canvas) -> [String] {
      let words = notes.joined(separator: " ").split(separator: " ")
      return words.reduce(into: []) { lines, word in
        guard let last = lines.last,
          canvas.width(of: "\(last) \(word)", font: Style.note) <= width
        else {
          lines.append(String(word))
          return
        }
        lines[lines.count - 1] = "\(last) \(word)"
      }
    }
  }
}

extension Chart {
  /// Draws the chart as a figure of its own.
  ///
  /// - Throws: `DrawingError` when Cairo can't draw the chart.
  public func file(_ format: FigureFormat) throws(DrawingError) -> [UInt8] {
    try Figure(panels: [self]).file(format)
  }
}

/// Sizes in points, and colors, that all figures share.
enum Style {
  /// The size of a plot in a row of one, two and three panels.
  static let panelSizes = [(width: 264.0, height: 186.0), (210.0, 190.0), (165.0, 165.0)]
  static let margin = 10.0
  static let titleHeight = 24.0
  static let axisLabelHeight = 20.0
  static let labelLine = 11.0
  static let legendLine = 13.0
  static let noteLine = 10.5
  static let curveWidth = 1.4
  static let lineWidth = 1.0
  static let dashes = [5.0, 3.0]
  static let dots = [1.2, 2.2]
  static let title = Font(size: 9.5, isBold: true)
  static let axis = Font(size: 9.5)
  static let tick = Font(size: 8.5)
  static let label = Font(size: 8.5)
  static let small = Font(size: 7.5)
  static let note = Font(size: 7.5)
  static let noteColor = Color(0x555555)
  static let axisColor = Color(0x444444)
  static let gridColor = Color(0xE9E9E9)
}
