// report.html: an experiment's results on one page that needs nothing else, not even a network.

import Experiments
import Foundation
import Messages
import Mustache
import Records
import Training

/// What the template of the page is filled with.
struct ReportPage {
  /// A name and a value beside it.
  struct Fact {
    let name: String
    let value: String
  }

  /// A verdict as the page shows it.
  struct VerdictLine {
    let outcome: String
    let word: String
    let sentence: String
  }

  /// A place for a chart.
  struct FigurePlace {
    let index: Int
    let caption: String
  }

  /// The chart of ranks beside loss and accuracy.
  struct RankCurve {
    let curve: String
    let title: String
  }

  /// A table as the template goes through it.
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
  let remarks: [String]
  let figuresTitle: String
  let figures: [FigurePlace]
  let rankCurve: [RankCurve]
  let tables: [Table]
  let hasSnapshots: Bool
  let spectrumNote: String
  let mapNote: String
  let commands: [String]
  let moreCommands: [String]
  let isBesidePage: Bool
  let facts: [Fact]
  let source: String

  /// Lays out a report.
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
    remarks = Self.remarks(on: report)
    figuresTitle = data.figures.count > 1 ? "The figures" : "The figure"
    figures = data.figures.enumerated().map { FigurePlace(index: $0, caption: $1.caption) }
    rankCurve = data.figures.prefix(1).map { RankCurve(curve: $0.curve, title: $0.yLabel) }
    tables = report.pageTables
    hasSnapshots = data.runs.contains { !$0.snapshots.isEmpty }
    spectrumNote = data.sampling.spectrumNote
    mapNote = data.sampling.mapNote
    commands = Array(report.commands.prefix(Self.mostLines))
    let hidden = report.commands.count - commands.count
    moreCommands = hidden > 0 ? ["and \(hidden) more; runs.csv has the settings of every run."] : []
    isBesidePage = report.commands == ["zerolab run experiment.yaml"]
    facts = report.facts
    let text = experiment.source
    source =
      text.utf8.count > Self.longestSource
      ? text.prefix(Self.longestSource) + "\n… (the rest is left out)" : text
  }

  /// What a reader must know before trusting the page.
  private static func remarks(on report: ExperimentReport) -> [String] {
    var remarks: [String] = []
    let unfinished = report.results.filter { !$0.isDone }
    let total = report.results.count + report.missing.count
    if !report.missing.isEmpty || !unfinished.isEmpty {
      remarks.append(
        "\(total - report.missing.count - unfinished.count) of \(total) runs are done, "
          + "\(unfinished.count) unfinished, \(report.missing.count) not begun.")
    }
    let told =
      report.unreadable
      + unfinished.compactMap { result in
        result.reason.map { "\(result.plan.identifier) \(result.standing): \($0)" }
      }
    remarks += told.prefix(mostLines)
    if told.count > mostLines {
      remarks.append("… and \(told.count - mostLines) more; runs.csv has the reasons of all.")
    }
    remarks += report.sameStarts.map { $0 + "." }
    let drawn = report.pageRuns.runs.count
    if total > CurveChoice.runLimit {
      remarks.append(
        "To keep the page small, curves and weights are those of \(drawn) of \(total) runs; means and "
          + "verdicts count every run, runs.csv and summary.csv list all of them.")
    }
    if report.pageRuns.stride > 1 {
      remarks.append(
        "To keep the page small, curves show one measurement in \(report.pageRuns.stride), and the last "
          + "one; the records have all of them.")
    }
    return remarks
  }

  /// The most runs, or commands, that are listed in words.
  private static let mostLines = 24

  /// The most characters of the experiment's text.
  private static let longestSource = 100_000
}

extension ExperimentReport {
  /// The report as one HTML page, with everything it needs inside.
  ///
  /// - Returns: UTF-8 text; 60 kB and some per run, thinned as curves, spectra and maps grow in number: 200 runs of
  ///   20 epochs with the usual three snapshots stay below 5 MB. Of more runs, curves and weights of at most 200 are
  ///   shown per figure, and 500 rows of each table; the page says so.
  /// - Throws: `ReportError.brokenInstallation` when the page's parts don't lie where the program's do.
  public func page() throws -> String {
    let files = try PageFiles(.page)
    return files.template.render(try ReportPage(self, files))
  }
}
