// Makes charts from the curves of a figure.

import ZerOExperiments
import ZerOFigures
import ZerOMessages
import ZerORecords
import ZerOTraining

extension FigureCurves {
  /// The figures of an experiment: consecutive specifications with the same name are the panels of one figure.
  ///
  /// A setting has the same color in all panels of a figure, and so have settings with the same label in different panels.
  static func figures(_ all: [FigureCurves]) -> [(name: String, figure: Figure)] {
    var groups: [[FigureCurves]] = []
    for curves in all {
      if groups.last?.first?.figure.name == curves.figure.name {
        groups[groups.count - 1].append(curves)
      } else {
        groups.append([curves])
      }
    }
    return groups.map { panels in
      let colors = colors(of: panels)
      let notes = panels.flatMap(\.notes).reduce(into: [String]()) { notes, note in
        if !notes.contains(note) { notes.append(note) }
      }
      return (
        panels[0].figure.name,
        Figure(panels: panels.map { $0.chart(colors: colors) }, notes: notes)
      )
    }
  }

  private static func colors(of panels: [FigureCurves]) -> [TrainingPlan: Int] {
    var (ofPlans, ofLabels): ([TrainingPlan: Int], [String: Int]) = ([:], [:])
    var plans: [Int: Set<TrainingPlan>] = [:]
    let drawn = panels.map { Set($0.curves.map(\.plan)) }
    for panel in panels {
      let labels = CurveLabels(panel.figure.label, plans: panel.curves.map(\.plan))
      for plan in panel.curves.map(\.plan) where ofPlans[plan] == nil {
        let label = labels.text(plan)
        // Two curves of a panel have two colors.
        let known = ofLabels[label].flatMap { color in
          drawn.contains { $0.contains(plan) && !$0.isDisjoint(with: plans[color, default: []]) }
            ? nil : color
        }
        let color = known ?? plans.count
        (ofPlans[plan], ofLabels[label]) = (color, ofLabels[label] ?? color)
        plans[color, default: []].insert(plan)
      }
    }
    return ofPlans
  }

  /// The chart of a figure with a single panel.
  var chart: Chart { chart(colors: [:]) }

  /// The chart: one curve per setting, over the number of updates.
  ///
  /// A curve over several finished seeds is their mean, and its band extends from the minimum to the maximum. A label
  /// with a seed gives one curve per run. A line at the input dimension uses the dimension of the first run.
  ///
  /// - Parameter colors: The number of each setting's color; by default the order of the curves.
  /// - Returns: The chart of the runs that have been added.
  func chart(colors: [TrainingPlan: Int]) -> Chart {
    // A logarithmic axis cannot show a curve that is 0 throughout; a note names it.
    let curves = self.curves.filter { !figure.isLogarithmic || !$0.isZero }
    let labels = CurveLabels(figure.label, plans: self.curves.map(\.plan))
    let hasCeilings = drawsCeilings
    return Chart(
      title: typeset(figure.title), xLabel: typeset(figure.xLabel), yLabel: yLabel,
      series: curves.map { curve in
        series(
          curve, label: labels.text(curve.plan), ceiling: hasCeilings ? curve.ceiling : nil,
          color: colors[curve.plan])
      },
      lines: lines.map { line, label, y in
        Chart.Line(
          label: label, y: y, color: Color.named[line.color] ?? Color(0), isDashed: line.isDashed)
      },
      ceilingLabel: Self.ceilingLabel, isLogarithmic: figure.isLogarithmic,
      sections: stages.map { Chart.Section(label: $0.name, end: Double($0.last) + 0.5) })
  }

  /// The text beside the vertical axis: the figure's own, or the quantity with its tensor and tolerance.
  var yLabel: String {
    guard figure.yLabel == nil, let tolerancePhrase else { return shortLabel }
    return "\(shortLabel), \(tolerancePhrase)"
  }

  /// The text beside the vertical axis of the page, whose caption states the tolerance.
  var shortLabel: String {
    if let label = figure.yLabel { return typeset(label) }
    if figure.axis == .depth { return FigureText.quantity(figure.quantity) }
    let difference = figure.difference == nil ? "" : "difference of "
    return difference + FigureText.quantity(figure.quantity, of: figure.tensor)
  }

  /// The tolerance of a rank in words; `nil` for another quantity.
  var tolerancePhrase: String? {
    guard FigureSpecification.isRank(figure.quantity) else { return nil }
    return FigureText.tolerance(tolerance)
  }

  /// The figure's lines with their labels and values; empty until a run has been added.
  var lines: [(line: FigureSpecification.Line, label: String, y: Double)] {
    guard let inputDimension else { return [] }
    return figure.lines.map { line in
      let y = line.y.value(inputDimension: inputDimension)
      return (line, typeset(line.label.replacing("{y}", with: number(y))), y)
    }
  }

  /// The sentences below the figure.
  private var notes: [String] {
    let curves = self.curves
    var notes: [String] = []
    if figure.axis == .depth {
      notes.append(
        figure.update.map { "After \(counted($0, "update"))." }
          ?? "At the last measured update.")
    }
    if FigureText.isFromStart(figure.quantity) { notes.append("W₀: initial weights\(decayWords).") }
    if curves.contains(where: { $0.drawn.count > 1 }) {
      let count = commonCount.map { "of \($0) seeds" } ?? "over seeds"
      notes.append("Lines: mean \(count); bands: minimum to maximum.")
    }
    if drawsCeilings, curves.contains(where: { $0.ceiling != nil }) {
      notes.append("Dotted: largest rank that the symmetry of the initial weights allows.")
    }
    let zeros = zeroLabels
    if !zeros.isEmpty { notes.append("Not drawn, 0 throughout: \(zeros.joined(separator: "; ")).") }
    if choice.leftOut > 0 {
      let total = choice.plans.count + choice.leftOut
      notes.append("\(choice.plans.count) of \(total) curves; runs.csv lists all runs.")
    }
    return notes
  }

  /// The factor of W₀ in words, for figures of runs with weight decay; empty without.
  var decayWords: String {
    let decays = curves.contains { $0.plan.weightDecay > 0 && $0.plan.hasStartFactor }
    return decays ? ", multiplied by the factor that weight decay leaves of them" : ""
  }

  /// The labels of the curves that a logarithmic axis cannot show.
  private var zeroLabels: [String] {
    guard figure.isLogarithmic else { return [] }
    let labels = CurveLabels(figure.label, plans: curves.map(\.plan))
    return curves.filter(\.isZero).map { labels.text($0.plan) }
  }

  /// The number of seeds of every curve; `nil` where the numbers differ.
  private var commonCount: Int? {
    let counts = Set(curves.map(\.drawn.count))
    return counts.count == 1 ? counts.first : nil
  }

  /// The word before the value of a ceiling.
  static let ceilingLabel = "ceiling"

  /// The largest number of different ceilings that are drawn; more of them hide the curves.
  private static let ceilingLimit = 5

  private var drawsCeilings: Bool {
    let ceilings = curves.map(\.ceiling)
    let isDrawable = ceilings.allSatisfy { !figure.isLogarithmic || $0 ?? 1 > 0 }
    return isDrawable && Set(ceilings.compactMap(\.self)).count <= Self.ceilingLimit
  }

  private func series(_ curve: Curve, label: String, ceiling: Int?, color: Int?) -> Chart.Series {
    let places = curve.drawn.sorted
    let count = curve.drawn.count
    return Chart.Series(
      label: count > 1 && commonCount == nil ? "\(label) (\(count) seeds)" : label,
      points: places.map { Chart.Point(x: Double($0.updates), y: $0.place.mean) },
      band: count > 1
        ? places.map {
          Chart.Span(x: Double($0.updates), low: $0.place.low, high: $0.place.high)
        } : [],
      ceiling: ceiling.map { Double($0) }, color: color)
  }
}

extension Claim.Bound {
  /// The bound as a number, for runs with images of a given size.
  func value(inputDimension: Int) -> Double {
    switch self {
    case .inputDimension: Double(inputDimension)
    case .number(let number): number
    }
  }
}
