// The figures of the page.

import ZerOExperiments
import ZerOMessages
import ZerORecords
import ZerOTraining

extension PageData.Figure {
  /// The name of the curves of the page's n-th figure.
  static func curve(of figure: FigureSpecification, at index: Int) -> String {
    if let quantity = figure.runQuantity {
      switch quantity {
      case .loss: return "loss"
      case .runningAccuracy: return "accuracy"
      case .testLoss, .testAccuracy: return "test \(index)"
      }
    }
    if figure.axis == .depth { return "depth \(index)" }
    return figure.difference == nil
      ? "\(figure.quantity) \(figure.tensor)" : "difference \(index)"
  }

  /// Makes the page's view of a figure.
  ///
  /// - Parameters:
  ///   - curves: The figure and its curves.
  ///   - index: The figure's position on the page.
  ///   - legend: The labels of the page's curves.
  ///   - runs: The runs that the figure draws, by their positions among the page's.
  ///   - stride: The number of measurements per point of a mean.
  init(
    _ curves: FigureCurves, index: Int, _ legend: PageRuns.Legend, runs: [Int], _ stride: Int
  ) {
    let figure = curves.figure
    // The values of a run over depth or epochs are no curve over its measurements; the page draws them like means.
    let isWhole = figure.axis == .depth || figure.runQuantity?.isOfTest == true
    self.runs = isWhole ? [] : runs
    isLinked = figure.axis != .depth
    means = curves.curves.compactMap { curve in
      guard curve.mean.count > 1 || isWhole, let group = legend.group(of: curve.plan) else {
        return nil
      }
      return PageData.Mean(
        isWhole ? curve.drawn : curve.mean, group: group, isWhole ? 1 : stride)
    }
    title = figure.title.isEmpty ? curves.yLabel : "\(typeset(figure.title)): \(curves.yLabel)"
    caption = Self.caption(of: curves, legend)
    curve = Self.curve(of: figure, at: index)
    xLabel = typeset(figure.xLabel)
    yLabel = curves.shortLabel
    isLogarithmic = figure.isLogarithmic
    lines = curves.lines.map { line, label, y in
      Line(label: label, y: y, color: line.color, isDashed: line.isDashed)
    }
    sections = curves.stages.map { Section(label: $0.name, end: Double($0.last) + 0.5) }
  }

  private static func caption(of curves: FigureCurves, _ legend: PageRuns.Legend) -> String {
    let figure = curves.figure
    let symbol = FigureText.symbol(of: figure.tensor)
    var sentences = figure.title.isEmpty ? [] : ["\(typeset(figure.title))."]
    var first: String
    if figure.axis == .depth {
      let time =
        figure.update.map { "after \(counted($0, "update"))" }
        ?? "at the last measured update"
      first = "\(FigureText.quantity(figure.quantity)) by measured weight, \(time)"
    } else {
      first = "\(FigureText.quantity(figure.quantity, of: figure.tensor)) by number of updates"
    }
    if let tolerance = curves.tolerancePhrase { first += "; \(tolerance)" }
    sentences.append(first + ".")
    if symbol != figure.tensor, !figure.tensor.isEmpty {
      sentences.append("\(symbol) is the tensor \(figure.tensor).")
    }
    if FigureText.isFromStart(figure.quantity) {
      sentences.append("W₀: the initial weights\(curves.decayWords).")
    }
    let condition = figure.runs.description
    if !condition.isEmpty { sentences.append("Runs with \(condition).") }
    let drawn = curves.curves
    if let difference = figure.difference {
      sentences.append("The same run with \(difference) is subtracted.")
    } else if curves.hasCeilings {
      sentences.append(
        "Dotted: ceiling, the largest rank that training can reach in exact arithmetic, because the initial "
          + "weights make hidden units identical.")
    }
    if drawn.contains(where: { $0.mean.count > 1 }) {
      sentences.append(
        "Bold: mean over the finished seeds of a setting; the band extends from the minimum to the maximum."
      )
    }
    // A logarithmic axis cannot show them.
    let zeros = drawn.filter { figure.isLogarithmic && $0.isZero }
      .compactMap { legend.group(of: $0.plan).map { legend.labels[$0] } }
    if !zeros.isEmpty { sentences.append("0 throughout: \(zeros.joined(separator: "; ")).") }
    let choice = curves.choice
    if choice.leftOut > 0 {
      let total = choice.plans.count + choice.leftOut
      sentences.append(
        "\(choice.plans.count) of \(total) curves are drawn, spread evenly over the experiment's order; "
          + "runs.csv and summary.csv list the results of all runs.")
    }
    return sentences.joined(separator: " ")
  }
}
