// From a figure's description and the records to a chart.

import Experiments
import Figures
import Records
import Training

extension FigureSpecification {
  /// The chart: a curve a setting, drawn at the number of updates made.
  ///
  /// Over several seeds that are done the curve is the mean, and its band reaches from the smallest to the
  /// largest value; a label that names the seeds asks for a curve a run.
  ///
  /// - Parameter records: The runs, in the order of the legend, of which those that the figure's filter
  ///   passes count. Lines that stand at a run's input dimension take the first run's.
  /// - Returns: The chart.
  func chart(of records: [RunRecord]) -> Chart {
    let values = FigureValues(self, of: records)
    let measured = values.records.filter { !values.series(of: $0).isEmpty }
    let lines = self.lines(on: values.records).map { line, label, y in
      Chart.Line(
        label: label, y: y, color: Color.named[line.color] ?? Color(0), isDashed: line.isDashed)
    }
    let curves = CurveLabels.curves(of: measured, template: label)
    let ceilings = curves.map { ceiling(of: $0.group) }
    let hasPlace = ceilings.allSatisfy { !isLogarithmic || $0 ?? 1 > 0 }
    let isReadable =
      hasPlace && Set(ceilings.compactMap(\.self)).count <= Self.ceilingLimit
    let series = zip(curves, ceilings).map {
      curve(of: $0.group, values, label: $0.label, ceiling: isReadable ? $1 : nil)
    }
    return Chart(
      xLabel: xLabel, yLabel: yLabel, series: series, lines: lines,
      ceilingLabel: Self.ceilingLabel, isLogarithmic: isLogarithmic)
  }

  /// The figure's lines with what they say and where they stand; at an input dimension, the first run's.
  func lines(on records: [RunRecord]) -> [(line: Line, label: String, y: Double)] {
    records.prefix(1).flatMap { record in
      lines.map { line in
        let y = line.y.value(for: record)
        return (line, line.label.replacing("{y}", with: number(y)), y)
      }
    }
  }

  /// What the legend says of ceilings.
  static let ceilingLabel = "ceiling by symmetry"

  /// More different ceilings than this only hide the curves.
  private static let ceilingLimit = 5

  /// The ceiling of a setting, over several seeds the highest; `nil` if a run has none, as differences.
  func ceiling(of group: RunGroup) -> Int? {
    guard difference == nil else { return nil }
    let ceilings = group.records.map { $0.ceiling(of: quantity, tensor) }
    return ceilings.contains(nil) ? nil : ceilings.compactMap(\.self).max()
  }

  private func curve(
    of group: RunGroup, _ values: FigureValues, label: String, ceiling: Int?
  ) -> Chart.Series {
    // A mean over runs of which one ended before its time would jump there.
    let shown = group.done.isEmpty ? Array(group.records.prefix(1)) : group.done
    let runs = shown.map(values.series)
    let places = runs.joined().reduce(into: [Int: [Double]]()) {
      $0[$1.updates, default: []].append($1.value)
    }.sorted { $0.key < $1.key }.compactMap { updates, values in
      Statistics(values).map { (x: Double(updates), $0) }
    }
    // Such a curve has no place on a logarithmic axis.
    let remarks =
      (isLogarithmic && values.isZero(group) ? ["0"] : []) + (ceiling.map { ["≤ \($0)"] } ?? [])
      + (runs.count > 1 ? ["\(runs.count) seeds"] : [])
    return Chart.Series(
      label: remarks.isEmpty ? label : "\(label) (\(remarks.joined(separator: ", ")))",
      points: places.map { Chart.Point(x: $0.x, y: $0.1.mean) },
      band: runs.count > 1
        ? places.map { Chart.Span(x: $0.x, low: $0.1.minimum, high: $0.1.maximum) } : [],
      ceiling: ceiling.map { Double($0) })
  }
}
