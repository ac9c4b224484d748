// A chart as data: what is drawn, not how. The renderer decides on fonts, ticks and colors.

/// A line chart over a numerical axis, of linear or logarithmic height.
public struct Chart: Equatable, Sendable {
  /// One measured curve.
  public struct Series: Equatable, Sendable {
    /// Its entry in the legend.
    public let label: String

    /// (x, y) in the order of drawing.
    public let points: [Point]

    /// The area behind the curve, for example of its spread; empty for none.
    public let band: [Span]

    /// What the curve can't pass, drawn as a dotted line in its color; `nil` where there is no such thing.
    public let ceiling: Double?

    /// Makes a curve.
    public init(label: String, points: [Point], band: [Span] = [], ceiling: Double? = nil) {
      self.label = label
      self.points = points
      self.band = band
      self.ceiling = ceiling
    }
  }

  /// A vertical stretch of a band.
  public struct Span: Equatable, Sendable {
    /// Along the horizontal axis.
    public let x: Double

    /// Its lower end.
    public let low: Double

    /// Its upper end.
    public let high: Double

    /// Makes a stretch of finite numbers.
    public init(x: Double, low: Double, high: Double) {
      self.x = x
      self.low = low
      self.high = high
    }
  }

  /// A point in the units of the axes.
  public struct Point: Equatable, Sendable {
    /// Along the horizontal axis.
    public let x: Double

    /// Along the vertical axis.
    public let y: Double

    /// Makes a point of two finite numbers.
    public init(x: Double, y: Double) {
      self.x = x
      self.y = y
    }
  }

  /// A horizontal line across the chart, a bound for instance.
  public struct Line: Equatable, Sendable {
    /// Its entry in the legend.
    public let label: String

    /// Where it stands.
    public let y: Double

    /// Its color.
    public let color: Color

    /// Dashed or solid.
    public let isDashed: Bool

    /// Makes a line.
    public init(label: String, y: Double, color: Color, isDashed: Bool) {
      self.label = label
      self.y = y
      self.color = color
      self.isDashed = isDashed
    }
  }

  /// The text below the horizontal axis.
  public let xLabel: String

  /// The text beside the vertical axis.
  public let yLabel: String

  /// The curves, in the order of the legend.
  public let series: [Series]

  /// The horizontal lines, first in the legend.
  public let lines: [Line]

  /// The legend's entry for the curves' ceilings, if they have any.
  public let ceilingLabel: String

  /// The legend's entry for the bands behind curves, if there are any.
  public let bandLabel: String

  /// A last line of the legend, of what is not drawn for instance; empty for none.
  public let remark: String

  /// Whether the vertical axis is logarithmic; what is not positive isn't drawn then.
  public let isLogarithmic: Bool

  /// Makes a chart.
  public init(
    xLabel: String, yLabel: String, series: [Series], lines: [Line], ceilingLabel: String = "",
    bandLabel: String = "", remark: String = "", isLogarithmic: Bool = false
  ) {
    self.isLogarithmic = isLogarithmic
    self.xLabel = xLabel
    self.yLabel = yLabel
    self.series = series
    self.lines = lines
    self.ceilingLabel = ceilingLabel
    self.bandLabel = bandLabel
    self.remark = remark
  }
}
