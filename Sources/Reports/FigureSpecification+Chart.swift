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
  /// - Parameter records: The runs, in the order of the legend. Lines that stand at a run's input
  ///   dimension take the first run's.
  /// - Returns: The chart.
  func chart(of records: [RunRecord]) -> Chart {
    let measured = records.filter { !$0.series(quantity, of: tensor).isEmpty }
    let lines = self.lines(on: records).map { line, label, y in
      Chart.Line(
        label: label, y: y, color: Color.named[line.color] ?? Color(0), isDashed: line.isDashed)
    }
    let series = CurveLabels.curves(of: measured, template: label).map {
      curve(of: $0.group, label: $0.label)
    }
    return Chart(xLabel: xLabel, yLabel: yLabel, series: series, lines: lines)
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

  private func curve(of group: RunGroup, label: String) -> Chart.Series {
    // A mean over runs of which one ended before its time would jump there.
    let shown = group.done.isEmpty ? Array(group.records.prefix(1)) : group.done
    let runs = shown.map { $0.series(quantity, of: tensor) }
    let values = runs.joined().reduce(into: [Int: [Double]]()) {
      $0[$1.updates, default: []].append($1.value)
    }
    let places = values.sorted { $0.key < $1.key }.compactMap { updates, values in
      Statistics(values).map { (x: Double(updates), $0) }
    }
    return Chart.Series(
      label: runs.count > 1 ? "\(label) (\(runs.count) seeds)" : label,
      points: places.map { Chart.Point(x: $0.x, y: $0.1.mean) },
      band: runs.count > 1
        ? places.map { Chart.Span(x: $0.x, low: $0.1.minimum, high: $0.1.maximum) } : [])
  }
}
