// What the page says of a figure.

import Experiments
import Records

extension PageData.Figure {
  /// The name of the curves of the page's n-th figure, if it shows differences.
  static func differenceName(_ index: Int) -> String { "difference \(index)" }

  /// Takes what the page shows of a figure.
  ///
  /// - Parameters:
  ///   - figure: What it shows.
  ///   - values: Its values.
  ///   - index: Its place on the page.
  ///   - curves: The page's settings and their names.
  init(
    _ figure: FigureSpecification, _ values: FigureValues, index: Int,
    on curves: [(group: RunGroup, label: String)]
  ) {
    let all = curves.flatMap(\.group.records)
    runs = all.indices.filter { figure.runs.matches(all[$0].plan) }
    let subject = Verdict.text(of: figure.quantity, figure.tensor)
    title = "\(figure.yLabel): \(subject) over the updates"
    caption = Self.caption(of: figure, values, subject: subject, curves: curves)
    curve =
      figure.difference == nil
      ? "\(figure.quantity) \(figure.tensor)" : Self.differenceName(index)
    xLabel = figure.xLabel
    yLabel = figure.yLabel == "Rank" ? subject : figure.yLabel
    isLogarithmic = figure.isLogarithmic
    lines = figure.lines(on: values.records).map { line, label, y in
      Line(label: label, y: y, color: line.color, isDashed: line.isDashed)
    }
  }

  private static func caption(
    of figure: FigureSpecification, _ values: FigureValues, subject: String,
    curves: [(group: RunGroup, label: String)]
  ) -> String {
    let records = values.records
    let tolerance = records.lazy.flatMap(\.snapshots).compactMap { $0.spectra["identity"] }.first
    let isRank = figure.quantity.hasPrefix("rank")
    let above = tolerance.map { isRank ? ", singular values above \($0.tolerance)" : "" } ?? ""
    var sentences = ["\(subject)\(above), against the number of updates made."]
    let condition = figure.runs.description
    if !condition.isEmpty { sentences.append("Runs with \(condition).") }
    if let difference = figure.difference {
      sentences.append("Subtracted is the same run with \(difference).")
    } else if records.contains(where: { $0.ceiling(of: figure.quantity, figure.tensor) != nil }) {
      sentences.append(
        "Dotted: what it can't pass in exact arithmetic, since units that the initial weights make copies "
          + "of each other stay copies.")
    }
    // They have no place on a logarithmic axis.
    let zeros = curves.filter { figure.isLogarithmic && values.isZero($0.group) }.map(\.label)
    if !zeros.isEmpty { sentences.append("0 throughout: \(zeros.joined(separator: "; ")).") }
    return sentences.joined(separator: " ")
  }
}
