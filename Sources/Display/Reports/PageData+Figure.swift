// What the page says of a figure.

import Experiments
import Records
import Training

extension PageData.Figure {
  /// The name of the curves of the page's n-th figure.
  static func curve(of figure: FigureSpecification, at index: Int) -> String {
    figure.difference == nil ? "\(figure.quantity) \(figure.tensor)" : "difference \(index)"
  }

  /// Takes what the page shows of a figure.
  ///
  /// - Parameters:
  ///   - curves: The figure and its curves.
  ///   - index: Its place on the page.
  ///   - legend: The page's, which names the curves.
  ///   - runs: The runs that it draws: their places among the page's.
  ///   - stride: The measurements from one point of a mean to the next.
  init(
    _ curves: FigureCurves, index: Int, _ legend: PageRuns.Legend, runs: [Int], _ stride: Int
  ) {
    let figure = curves.figure
    let subject = Verdict.text(of: figure.quantity, figure.tensor)
    self.runs = runs
    means = curves.curves.compactMap { curve in
      guard curve.mean.count > 1, let group = legend.group(of: curve.plan) else { return nil }
      return PageData.Mean(curve.mean, group: group, stride)
    }
    title = "\(figure.yLabel): \(subject) over the updates"
    caption = Self.caption(of: curves, subject: subject, legend)
    curve = Self.curve(of: figure, at: index)
    xLabel = figure.xLabel
    yLabel = figure.yLabel == "Rank" ? subject : figure.yLabel
    isLogarithmic = figure.isLogarithmic
    lines = curves.lines.map { line, label, y in
      Line(label: label, y: y, color: line.color, isDashed: line.isDashed)
    }
  }

  private static func caption(
    of curves: FigureCurves, subject: String, _ legend: PageRuns.Legend
  ) -> String {
    let figure = curves.figure
    let isRank = figure.quantity.hasPrefix("rank")
    let above = curves.tolerance.map { isRank ? ", singular values above \($0)" : "" } ?? ""
    var sentences = ["\(subject)\(above), against the number of updates made."]
    let condition = figure.runs.description
    if !condition.isEmpty { sentences.append("Runs with \(condition).") }
    let drawn = curves.curves
    if let difference = figure.difference {
      sentences.append("Subtracted is the same run with \(difference).")
    } else if curves.hasCeilings {
      sentences.append(
        "Dotted: what it can't pass in exact arithmetic, since units that the initial weights make copies "
          + "of each other stay copies.")
    }
    if drawn.contains(where: { $0.mean.count > 1 }) {
      sentences.append(
        "Bold: the mean of a setting's seeds that are done; its band extends from the smallest to the "
          + "largest of their values.")
    }
    // They have no place on a logarithmic axis.
    let zeros = drawn.filter { figure.isLogarithmic && $0.isZero }
      .compactMap { legend.group(of: $0.plan).map { legend.labels[$0] } }
    if !zeros.isEmpty { sentences.append("0 throughout: \(zeros.joined(separator: "; ")).") }
    let choice = curves.choice
    if choice.leftOut > 0 {
      let total = choice.plans.count + choice.leftOut
      sentences.append(
        "\(choice.plans.count) of \(total) curves are drawn, evenly spread over the experiment's order; "
          + "runs.csv and summary.csv have the results of all.")
    }
    return sentences.joined(separator: " ")
  }
}
