// From a figure's curves to a chart.

import Experiments
import Figures
import Records
import Training

extension FigureCurves {
  /// The chart: a curve per setting, drawn at the number of updates made.
  ///
  /// Over several seeds that are done the curve is the mean, and its band extends from the smallest to the
  /// largest value, as the legend says; a label that names the seeds asks for a curve per run. Lines at the input
  /// dimension take that of the first run.
  var chart: Chart {
    let curves = self.curves
    let labels = CurveLabels(figure.label, plans: curves.map(\.plan))
    let ceilings = curves.map(\.ceiling)
    let hasPlace = ceilings.allSatisfy { !figure.isLogarithmic || $0 ?? 1 > 0 }
    let isReadable =
      hasPlace && Set(ceilings.compactMap(\.self)).count <= Self.ceilingLimit
    return Chart(
      xLabel: figure.xLabel, yLabel: figure.yLabel,
      series: zip(curves, ceilings).map {
        series($0, label: labels.text($0.plan), ceiling: isReadable ? $1 : nil)
      },
      lines: lines.map { line, label, y in
        Chart.Line(
          label: label, y: y, color: Color.named[line.color] ?? Color(0), isDashed: line.isDashed)
      },
      ceilingLabel: Self.ceilingLabel, bandLabel: Self.bandLabel,
      remark: choice.leftOut > 0
        ? "\(choice.plans.count) of \(choice.plans.count + choice.leftOut) curves; all in runs.csv"
        : "",
      isLogarithmic: figure.isLogarithmic)
  }

  /// The figure's lines with their labels and heights; none before a run is there.
  var lines: [(line: FigureSpecification.Line, label: String, y: Double)] {
    guard let inputDimension else { return [] }
    return figure.lines.map { line in
      let y = line.y.value(inputDimension: inputDimension)
      return (line, line.label.replacing("{y}", with: number(y)), y)
    }
  }

  /// The legend's entry for ceilings.
  static let ceilingLabel = "ceiling by symmetry"

  /// The legend's entry for bands.
  static let bandLabel = "smallest to largest value"

  /// More different ceilings than this only hide the curves.
  private static let ceilingLimit = 5

  private func series(_ curve: Curve, label: String, ceiling: Int?) -> Chart.Series {
    let places = curve.drawn.sorted
    let count = curve.drawn.count
    // Such a curve has no place on a logarithmic axis.
    let remarks =
      (figure.isLogarithmic && curve.isZero ? ["0"] : []) + (ceiling.map { ["≤ \($0)"] } ?? [])
      + (count > 1 ? ["mean of \(count) seeds"] : [])
    return Chart.Series(
      label: remarks.isEmpty ? label : "\(label) (\(remarks.joined(separator: ", ")))",
      points: places.map { Chart.Point(x: Double($0.updates), y: $0.place.mean) },
      band: count > 1
        ? places.map {
          Chart.Span(x: Double($0.updates), low: $0.place.low, high: $0.place.high)
        } : [],
      ceiling: ceiling.map { Double($0) })
  }
}

extension Claim.Bound {
  /// The bound as a number, for a run on images of a size.
  func value(inputDimension: Int) -> Double {
    switch self {
    case .inputDimension: Double(inputDimension)
    case .number(let number): number
    }
  }
}
