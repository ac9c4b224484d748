// A chart as data. `Figure` chooses fonts, ticks, colors and the places of labels.

/// A line chart with linear or logarithmic axes.
public struct Chart: Equatable, Sendable {
  /// A measured curve.
  public struct Series: Equatable, Sendable {
    /// The text beside the end of the curve, or in the legend.
    public let label: String

    /// The points, in the order of drawing.
    public let points: [Point]

    /// The shaded area around the curve, for example its range over seeds; empty for none.
    public let band: [Span]

    /// The largest value that the curve can reach, drawn as a dotted line; `nil` for none.
    public let ceiling: Double?

    /// The number of the curve's color; `nil` for the curve's position among the chart's curves.
    public let color: Int?

    /// Makes a curve.
    public init(
      label: String, points: [Point], band: [Span] = [], ceiling: Double? = nil, color: Int? = nil
    ) {
      self.label = label
      self.points = points
      self.band = band
      self.ceiling = ceiling
      self.color = color
    }
  }

  /// A vertical interval of a band.
  public struct Span: Equatable, Sendable {
    /// The horizontal coordinate.
    public let x: Double

    /// The lower end.
    public let low: Double

    /// The upper end.
    public let high: Double

    /// Makes an interval of finite numbers.
    public init(x: Double, low: Double, high: Double) {
      self.x = x
      self.low = low
      self.high = high
    }
  }

  /// A point in the units of the axes.
  public struct Point: Equatable, Sendable {
    /// The horizontal coordinate.
    public let x: Double

    /// The vertical coordinate.
    public let y: Double

    /// Makes a point of two finite numbers.
    public init(x: Double, y: Double) {
      self.x = x
      self.y = y
    }
  }

  /// A horizontal line across the chart, for example a bound.
  public struct Line: Equatable, Sendable {
    /// The text beside the line.
    public let label: String

    /// The vertical coordinate.
    public let y: Double

    /// The color of the line and of its label.
    public let color: Color

    /// Whether the line is dashed.
    public let isDashed: Bool

    /// Makes a line.
    public init(label: String, y: Double, color: Color, isDashed: Bool) {
      self.label = label
      self.y = y
      self.color = color
      self.isDashed = isDashed
    }
  }

  /// A part of the horizontal axis that has a name, for example the layers of a stage.
  public struct Section: Equatable, Sendable {
    /// The text below the part.
    public let label: String

    /// The right end; the left end is that of the axis or of the section before.
    public let end: Double

    /// Makes a part of the axis.
    public init(label: String, end: Double) {
      self.label = label
      self.end = end
    }
  }

  /// The text above the chart; empty for none.
  public let title: String

  /// The text below the horizontal axis.
  public let xLabel: String

  /// The text beside the vertical axis.
  public let yLabel: String

  /// The curves; a later one is drawn over an earlier one.
  public let series: [Series]

  /// The horizontal lines.
  public let lines: [Line]

  /// The word before the number at a ceiling's line.
  public let ceilingLabel: String

  /// Whether the vertical axis is logarithmic.
  ///
  /// Values that are not positive are not drawn on such an axis.
  public let isLogarithmic: Bool

  /// Whether the horizontal axis, of counts, is logarithmic; 0 is at its left end, before a gap.
  public let isLogarithmicInCounts: Bool

  /// Whether a linear horizontal axis begins at the first point instead of 0.
  public let beginsAtFirstPoint: Bool

  /// The parts of the horizontal axis in ascending order, whose names replace its ticks, for points numbered from 1, where the axis then
  /// begins; empty for ticks.
  public let sections: [Section]

  /// Makes a chart.
  public init(
    title: String = "", xLabel: String, yLabel: String, series: [Series], lines: [Line],
    ceilingLabel: String = "ceiling", isLogarithmic: Bool = false,
    isLogarithmicInCounts: Bool = false, beginsAtFirstPoint: Bool = false, sections: [Section] = []
  ) {
    self.title = title
    self.xLabel = xLabel
    self.yLabel = yLabel
    self.series = series
    self.lines = lines
    self.ceilingLabel = ceilingLabel
    self.isLogarithmic = isLogarithmic
    self.isLogarithmicInCounts = isLogarithmicInCounts
    self.beginsAtFirstPoint = beginsAtFirstPoint
    self.sections = sections
  }
}

extension Chart {
  /// The curves' points, bands, lines and ceilings that the vertical axis covers.
  var heights: [Double] {
    let curves = drawnSeries.flatMap { curve in
      curve.points.map(\.y) + curve.band.flatMap { [$0.low, $0.high] }
    }
    return curves + lines.map(\.y) + ceilings.map(\.y)
  }

  /// Each ceiling once, with the first curve that has it.
  var ceilings: [(y: Double, curve: Int)] {
    series.enumerated().reduce(into: []) { ceilings, curve in
      guard let y = curve.element.ceiling, !ceilings.contains(where: { $0.y == y }) else { return }
      ceilings.append((y, curve.offset))
    }
  }

  /// The curves without the values that a logarithmic axis cannot show.
  var drawnSeries: [Series] {
    guard isLogarithmic else { return series }
    return series.map { curve in
      Series(
        label: curve.label, points: curve.points.filter { $0.y > 0 },
        band: curve.band.filter { $0.low > 0 }, ceiling: curve.ceiling, color: curve.color)
    }
  }
}
