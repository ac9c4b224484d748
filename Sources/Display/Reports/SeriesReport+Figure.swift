// The figure of a series: one panel per quantity, one curve per matrix or group of matrices.

import Checkpoints
import Figures
import Foundation
import Series

extension SeriesReport {
  /// The chosen quantities over steps.
  var figure: Figure {
    let chosen = CurveChoice.spread(Array(groups.enumerated()), over: CurveChoice.curveLimit)
    let labels = self.labels
    let steps = history.changedSteps
    let isGeometric = SeriesHistory.areGeometric(steps)
    let panels = quantities.map { quantity in
      Chart(
        xLabel: "\(about.unit.rawValue) t", yLabel: axisLabel(quantity),
        series: chosen.map { index, _ in
          series(index, quantity, label: labels[index], color: chosen.count > 1 ? index : 0)
        }, lines: [], isLogarithmicInCounts: isGeometric)
    }
    return Figure(panels: panels, notes: notes(drawn: chosen.count))
  }

  private func series(_ group: Int, _ quantity: SeriesQuantity, label: String, color: Int)
    -> Chart.Series
  {
    let members = members[group]
    let bands = history.steps.compactMap { step in
      history.band(quantity, of: members, at: step).map { (x: Double(step), band: $0) }
    }
    return Chart.Series(
      label: label, points: bands.map { Chart.Point(x: $0.x, y: $0.band.median) },
      band: members.count == 1
        ? [] : bands.map { Chart.Span(x: $0.x, low: $0.band.low, high: $0.band.high) },
      color: color)
  }

  /// The labels of the groups: the user's patterns, or short names; with the number of matrices of a group.
  var labels: [String] {
    let own = Set(patterns.map(\.description))
    let names = groups.map(\.label).filter { !own.contains($0) }
    let short = Dictionary(zip(names, ShortLabels.of(names))) { first, _ in first }
    return groups.map { group in
      let label = short[group.label] ?? group.label
      return group.members.count == 1 ? label : "\(label) ×\(group.members.count)"
    }
  }

  /// The text beside a vertical axis: the quantity, its matrix, and for a rank its tolerance.
  func axisLabel(_ quantity: SeriesQuantity) -> String {
    guard quantity.isOfSpectrum else { return "\(quantity.title), Wₜ" }
    let tolerance = quantity.dependsOnTolerance ? ", \(toleranceWords)" : ""
    return "\(quantity.title) of \(subject)\(tolerance)"
  }

  private func notes(drawn: Int) -> [String] {
    var notes: [String] = []
    if history.isDifference { notes.append(subjectWords) }
    let shortened = zip(labels, groups).filter { !$0.hasPrefix($1.label) }
    let example = shortened.first { $1.members.count > 1 } ?? shortened.first
    if let (label, group) = example { notes.append("\(label) is \(group.label).") }
    if groups.contains(where: { $0.members.count > 1 }) { notes.append(bandWords) }
    if drawn < groups.count {
      notes.append("\(drawn) of \(groups.count) curves; ranks.csv lists all matrices.")
    }
    return notes
  }
}
