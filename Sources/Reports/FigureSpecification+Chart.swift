// From a figure's description and the records to a chart.

import Experiments
import Figures
import Records

extension FigureSpecification {
  /// The chart: a curve a run, drawn at the number of updates made.
  ///
  /// - Parameter records: The runs, in the order of the legend. Lines that stand at a run's input
  ///   dimension take the first run's.
  /// - Returns: The chart.
  func chart(of records: [RunRecord]) -> Chart {
    let series = records.map { record in
      Chart.Series(
        label: record.plan.filling(label),
        points: record.series(quantity, of: tensor).map {
          Chart.Point(x: Double($0.updates), y: $0.value)
        })
    }
    let lines = records.prefix(1).flatMap { record in
      self.lines.map { line in
        let y = line.y.value(for: record)
        return Chart.Line(
          label: line.label.replacing("{y}", with: number(y)), y: y,
          color: Color.named[line.color] ?? Color(0), isDashed: line.isDashed)
      }
    }
    return Chart(xLabel: xLabel, yLabel: yLabel, series: series, lines: lines)
  }
}
