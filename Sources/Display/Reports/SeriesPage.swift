// report.html of a series of checkpoints.

import Foundation
import Mustache
import ZerOMessages
import ZerOSeries
import ZerOSpectra

/// The values of the page's template.
private struct SeriesPage {
  let style: String
  let script: String
  let records: String
  let name: String
  let path: String
  let headline: String
  let question: String
  let skipped: [String]
  let unranked: [String]
  let remarks: [String]
  let notes: [String]
  let hasNotes: Bool
  let chosen: [String]
  let spectrumNote: String
  let table: ReportPage.Table
  let command: String
  let facts: [ReportPage.Fact]
  let subject: String

  /// The maximum number of rows of the table.
  private static let mostRows = 500

  init(_ report: SeriesReport, _ files: PageFiles) throws {
    let data = SeriesPageData(report)
    style = files.style
    script = files.script
    records = try data.script
    path = report.about.path
    name = URL(fileURLWithPath: path).standardizedFileURL.lastPathComponent
    headline = "\(name): ranks of \(report.subject) over training"
    let history = report.history
    let first = history.steps.first.map(String.init) ?? "–"
    let last = history.steps.last.map(String.init) ?? "–"
    let unit = report.about.unit.rawValue
    let matrices = history.matrices.count == 1 ? "1 matrix" : "\(history.matrices.count) matrices"
    question =
      (history.steps.count == 1
        ? "\(matrices) in 1 checkpoint, \(unit) \(first); "
        : "\(matrices) in \(history.steps.count) checkpoints, \(unit)s \(first) to \(last); ")
      + "ranks at \(report.toleranceWords)."
    skipped = report.about.skipped
    unranked = report.unranked
    remarks = report.remarks
    notes = report.about.notes + data.remarks
    hasNotes = !notes.isEmpty
    chosen = data.chosen
    spectrumNote = data.spectrumNote
    let whole = report.wideTable
    let shown = whole.limited(to: Self.mostRows) { _ in false }
    table = ReportPage.Table(
      shown,
      caption: "\(report.tableCaption); click a heading to sort."
        + (shown.rows.count < whole.rows.count
          ? " Only \(shown.rows.count) of \(whole.rows.count) matrices are shown; ranks.csv contains all."
          : ""))
    command = report.about.command
    subject = report.subject
    facts = report.facts
  }
}

extension SeriesReport {
  /// The series as one self-contained HTML page.
  ///
  /// - Returns: UTF-8 text of 50 kB plus the curves and a sample of the singular values, at most about 5 MB.
  /// - Throws: `ReportError.brokenInstallation` if files of the installation are missing.
  public func page() throws -> String {
    let files = try PageFiles(.series)
    return files.template.render(try SeriesPage(self, files))
  }

  /// Definitions of the quantities, and provenance.
  var facts: [ReportPage.Fact] {
    let checkpoints = history.steps.compactMap { step in
      history.matrices.lazy.compactMap { $0.row(at: step) }.first.map { (step, $0.checkpoint) }
    }
    let listed = checkpoints.map { "\($1) (\(about.unit.rawValue) \($0))" }
    let limit = 24
    let types = Set(history.matrices.flatMap { $0.rows.map(\.type) }).sorted()
    let definitions = SeriesQuantity.catalog.filter { quantity in
      history.matrices.contains { $0.rows.contains { quantity.value($0) != nil } }
    }.map { quantity in
      let source = quantity.source.isEmpty ? "" : " Source: \(quantity.source)."
      let column =
        quantity.heading == quantity.title ? "" : " (column “\(quantity.heading)”)"
      return ReportPage.Fact(
        name: quantity.title + column, value: "\(definition(quantity)).\(source)")
    }
    return definitions + [
      ReportPage.Fact(name: "tolerance", value: about.rule.description),
      ReportPage.Fact(name: "run", value: about.path),
      ReportPage.Fact(name: "types", value: types.joined(separator: ", ")),
      ReportPage.Fact(
        name: "checkpoints",
        value: listed.prefix(limit).joined(separator: ", ")
          + (listed.count > limit
            ? " and \(listed.count - limit) more; ranks.csv lists all" : "")),
    ]
  }
}
