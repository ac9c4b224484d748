// The figure of a series: one panel per quantity, one curve per matrix or group of matrices.

import Foundation
import ZerOCheckpoints
import ZerOFigures
import ZerOMessages
import ZerOSeries

extension SeriesReport {
  /// The chosen quantities over steps.
  var figure: Figure {
    let courses = self.courses
    let curves = CoincidingCurves.joined(courses)
    let panels = quantities.enumerated().map { panel, quantity in
      Chart(
        xLabel: "\(about.unit.rawValue) t", yLabel: axisLabel(quantity),
        series: curves.map { $0[panel] }, lines: [], isLogarithmicInCounts: history.isLogarithmic,
        beginsAtFirstPoint: true)
    }
    return Figure(panels: panels, notes: notes(drawn: courses.count))
  }

  /// A sentence on curves of the figure that hide each other; empty for none.
  var coincidenceWords: String {
    let courses = self.courses
    let sets = CoincidingCurves.sets(courses).filter { $0.count > 1 }
    return sets.isEmpty
      ? ""
      : "Curves that coincide: "
        + sets.map { set in firstOf(set.compactMap { courses[$0].first?.label }) }.joined(
          separator: "; ") + "."
  }

  /// For each drawn group, its course in each panel of the figure.
  private var courses: [[Chart.Series]] {
    let labels = self.labels
    return CurveChoice.spread(Array(groups.indices), over: CurveChoice.curveLimit).map { group in
      quantities.map { series(group, $0, label: labels[group]) }
    }
  }

  private func series(_ group: Int, _ quantity: SeriesQuantity, label: String) -> Chart.Series {
    let members = members[group]
    let bands = history.steps.compactMap { step in
      history.band(quantity, of: members, at: step).map { (x: Double(step), band: $0) }
    }
    return Chart.Series(
      label: label, points: bands.map { Chart.Point(x: $0.x, y: $0.band.median) },
      band: members.count == 1
        ? [] : bands.map { Chart.Span(x: $0.x, low: $0.band.low, high: $0.band.high) })
  }

  /// The text beside a vertical axis: the quantity, its matrix, and for a rank its tolerance.
  func axisLabel(_ quantity: SeriesQuantity) -> String {
    guard quantity.isOfSpectrum else { return quantity.title }
    let tolerance = quantity.dependsOnTolerance ? ", \(toleranceWords)" : ""
    return "\(quantity.title) of \(subject)\(tolerance)"
  }

  /// The formula of a quantity with the matrix that is subtracted.
  func definition(_ quantity: SeriesQuantity) -> String {
    quantity.key == SeriesQuantity.distance.key ? "\(distanceFormula), Frobenius" : quantity.formula
  }

  private func notes(drawn: Int) -> [String] {
    var notes: [String] = []
    if history.isDifference || quantities.contains(where: { !$0.isOfSpectrum }) {
      notes.append(subjectWords)
    }
    notes += quantities.filter { !$0.isOfSpectrum }.map { quantity in
      "\(quantity.title.prefix(1).uppercased() + quantity.title.dropFirst()): \(definition(quantity))."
    }
    if groups.contains(where: { $0.members.count > 1 }) { notes.append(bandWords) }
    if drawn < groups.count {
      notes.append("\(drawn) of \(groups.count) curves; ranks.csv lists all matrices.")
    }
    return notes
  }
}

/// Curves that would hide each other, for example those of tied weights.
enum CoincidingCurves {
  /// Joins curves that coincide in all panels of a figure.
  ///
  /// - Parameter curves: For each curve, its course in each panel.
  /// - Returns: The distinct curves with their colors; the label of a joined one names the curves, or counts more than three.
  static func joined(_ curves: [[Chart.Series]]) -> [[Chart.Series]] {
    sets(curves).enumerated().map { color, set in
      let label = label(set.compactMap { curves[$0].first?.label })
      return curves[set[0]].map { course in
        Chart.Series(label: label, points: course.points, band: course.band, color: color)
      }
    }
  }

  /// Divides curves into those that coincide.
  ///
  /// - Parameter curves: For each curve, its course in each panel.
  /// - Returns: Positions of curves, by ascending first position.
  static func sets(_ curves: [[Chart.Series]]) -> [[Int]] {
    var tolerances: [Double] = []
    for panel in (curves.first ?? []).indices {
      let largest = curves.flatMap { $0[panel].points.map { abs($0.y) } }.max() ?? 0
      // A fifth of the width of a line in a plot of 165 points.
      tolerances.append(largest * 0.002)
    }
    var sets: [[Int]] = []
    for (index, panels) in curves.enumerated() {
      let place = sets.firstIndex { coincide(curves[$0[0]], panels, tolerances) }
      if let place { sets[place].append(index) } else { sets.append([index]) }
    }
    return sets
  }

  private static func label(_ labels: [String]) -> String {
    labels.count > 3 ? "\(labels.count) curves coincide" : labels.joined(separator: ", ")
  }

  private static func coincide(
    _ first: [Chart.Series], _ second: [Chart.Series], _ tolerances: [Double]
  ) -> Bool {
    guard first.contains(where: { !$0.points.isEmpty }) else { return false }
    return zip(zip(first, second), tolerances).allSatisfy { curves, tolerance in
      let (first, second) = curves
      return first.points.map(\.x) == second.points.map(\.x)
        && first.band.count == second.band.count
        && zip(first.points, second.points).allSatisfy { abs($0.y - $1.y) <= tolerance }
        && zip(first.band, second.band).allSatisfy {
          abs($0.low - $1.low) <= tolerance && abs($0.high - $1.high) <= tolerance
        }
    }
  }
}
