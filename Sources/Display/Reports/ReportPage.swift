// report.html: an experiment's results on one self-contained page.

import Foundation
import Mustache
import ZerOExperiments
import ZerOMessages
import ZerORecords
import ZerOTraining

/// The values of the page's template.
struct ReportPage {
  /// A named value.
  struct Fact {
    let name: String
    let value: String
  }

  /// A verdict.
  struct VerdictLine {
    let outcome: String
    let word: String
    let sentence: String
  }

  /// The place of a chart.
  struct FigurePlace {
    let index: Int
    let caption: String
  }

  /// The rank chart next to loss and accuracy.
  struct RankCurve {
    let curve: String
    let title: String
  }

  /// A table in the template's structure.
  struct Table {
    struct Cell {
      let text: String
      let isNumber: Bool
    }

    struct Row {
      let cells: [Cell]
    }

    let caption: String
    let headings: [Cell]
    let rows: [Row]

    init(_ table: TextTable, caption: String) {
      self.caption = caption
      let isNumeric = table.numericColumns
      func cells(_ line: [String]) -> [Cell] {
        zip(line, isNumeric).map(Cell.init)
      }
      headings = cells(table.headings)
      rows = table.rows.map { Row(cells: cells($0)) }
    }
  }

  let style: String
  let script: String
  let records: String
  let name: String
  let question: String
  let hasVerdicts: Bool
  let verdicts: [VerdictLine]
  let verdictNotes: [String]
  let remarks: [String]
  let figuresTitle: String
  let figures: [FigurePlace]
  let rankCurve: [RankCurve]
  let tables: [Table]
  let hasSnapshots: Bool
  let spectrumNote: String
  let mapNote: String
  let commands: [String]

  /// Whether there are commands.
  let isReproducible: Bool
  let moreCommands: [String]
  let isBesidePage: Bool
  let facts: [Fact]
  let source: String

  /// Collects the values of a report.
  init(_ report: ExperimentReport, _ files: PageFiles) throws {
    let experiment = report.experiment
    let data = PageData(report)
    style = files.style
    script = files.script
    records = try data.script
    name = experiment.name
    question = experiment.question.isEmpty ? experiment.name : experiment.question
    verdicts = report.verdicts.map {
      VerdictLine(
        outcome: $0.outcome.rawValue, word: $0.outcome.word, sentence: $0.statement)
    }
    hasVerdicts = !verdicts.isEmpty
    verdictNotes =
      experiment.claims.contains { FigureSpecification.isRank($0.quantity) }
      ? ["The rank is the number of singular values above 1e-4."] : []
    remarks = Self.remarks(on: report)
    figuresTitle = data.figures.count > 1 ? "Figures" : "Figure"
    figures = data.figures.enumerated().map { FigurePlace(index: $0, caption: $1.caption) }
    let main = experiment.mainFigure.map { data.figures[$0] }
    rankCurve = main.map { [RankCurve(curve: $0.curve, title: $0.yLabel)] } ?? []
    tables = report.pageTables
    hasSnapshots = data.runs.contains { !$0.snapshots.isEmpty }
    spectrumNote = data.sampling.spectrumNote
    mapNote = data.sampling.mapNote
    commands = Array(report.commands.prefix(Self.mostLines))
    isReproducible = !commands.isEmpty
    let hidden = report.commands.count - commands.count
    moreCommands =
      hidden > 0 ? ["and \(hidden) more; runs.csv lists the settings of every run."] : []
    isBesidePage = report.commands == ["zerolab run experiment.yaml"]
    facts = report.facts
    let text = experiment.source
    source =
      text.utf8.count > Self.longestSource
      ? text.prefix(Self.longestSource) + "\n… (truncated)" : text
  }

  /// Remarks that affect the validity of the page: unfinished and damaged runs, equal initial weights, sampling.
  private static func remarks(on report: ExperimentReport) -> [String] {
    var remarks: [String] = []
    let unfinished = report.results.filter { !$0.isDone }
    let total = report.results.count + report.missing.count
    if !report.missing.isEmpty || !unfinished.isEmpty {
      remarks.append(
        "\(total - report.missing.count - unfinished.count) of \(total) runs are done, "
          + "\(unfinished.count) unfinished, \(report.missing.count) not started.")
    }
    let reasons =
      report.unreadable
      + unfinished.compactMap { result in
        result.reason.map { "\(result.plan.identifier) \(result.state): \($0)" }
      }
    remarks += reasons.prefix(mostLines)
    if reasons.count > mostLines {
      remarks.append(
        "… and \(reasons.count - mostLines) more; runs.csv lists the reasons for all runs.")
    }
    remarks += report.sameStarts.map { $0 + "." }
    let drawn = report.pageRuns.runs.count
    if total > CurveChoice.runLimit {
      remarks.append(
        "To limit its size, the page shows curves and weights of \(drawn) of \(total) runs. Means and "
          + "verdicts include every run; runs.csv and summary.csv list all runs.")
    }
    if report.pageRuns.stride > 1 {
      remarks.append(
        "To limit the size of the page, curves show one in \(report.pageRuns.stride) measurements and the last "
          + "one; the records contain all measurements.")
    }
    return remarks
  }

  /// The maximum number of listed runs, and of listed commands.
  private static let mostLines = 24

  /// The maximum number of characters of the experiment's text.
  private static let longestSource = 100_000
}

extension ExperimentReport {
  /// The report as one self-contained HTML page.
  ///
  /// - Returns: UTF-8 text of 60 kB plus some per run. Curves, spectra and maps are thinned as their number grows: 200
  ///   runs of 20 epochs with three snapshots each stay below 5 MB. The page shows curves and weights of at most 200
  ///   runs per figure and 500 rows per table, and states the limits that apply.
  /// - Throws: `ReportError.brokenInstallation` if files of the installation are missing.
  public func page() throws -> String {
    let files = try PageFiles(.page)
    return files.template.render(try ReportPage(self, files))
  }
}
