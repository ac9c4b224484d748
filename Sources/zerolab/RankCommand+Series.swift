// zerolab rank --over-steps: ranks over the checkpoints of a training run.

import ArgumentParser
import Foundation
import ZerOCheckpoints
import ZerOExecution
import ZerOInitializers
import ZerOInspection
import ZerOMessages
import ZerONamePatterns
import ZerORecords
import ZerOReports
import ZerOSeries
import ZerOSpectra
import ZerOTerminal

extension RankCommand {
  /// Ranks a series of checkpoints, once or until Ctrl-C.
  func rankSeries() async throws {
    let settings = try seriesSettings
    let folder = series.folder(for: files, minus: minus)
    let lock = try RunFolder(folder).lock()
    defer { withExtendedLifetime(lock) {} }
    let store = try SeriesStore(folder, settings)
    let cancellation = Cancellation()
    let listener = SignalListener(cancellation, stopping: "after this matrix") {
      standardError("\n\($0)\n")
    }
    defer { withExtendedLifetime(listener) {} }
    let output = SeriesOutput(self, folder)
    do {
      if series.watch {
        try await follow(settings, store, output, until: cancellation)
      } else {
        let found = try CheckpointSeries(
          files, steps: series.steps?.ranges.map(\.lowerBound), only: series.onlySteps, key: key)
        let inspection = try await rank(found, settings, store, until: cancellation)
        try output.write(inspection)
        try output.show(inspection, store)
        if !output.passes(inspection) { throw ExitCode(Failure.Code.failed.rawValue) }
      }
    } catch let error as Interrupted {
      standardError(
        "zerolab: stopped; \(store.file.path) keeps what is done, and the same command continues\n")
      throw ExitCode(128 + error.signal)
    }
  }

  private func rank(
    _ found: CheckpointSeries, _ settings: SeriesSettings, _ store: SeriesStore,
    until cancellation: Cancellation
  ) async throws -> SeriesInspection {
    let progress = ProgressLine(found.path, isQuiet: quiet)
    defer { progress.end() }
    return try await SeriesInspection(
      found, settings, store: store, on: jobs.pool, check: { try cancellation.check() },
      observe: progress.show)
  }

  /// Ranks new checkpoints as they appear; the results are printed at the end.
  private func follow(
    _ settings: SeriesSettings, _ store: SeriesStore, _ output: SeriesOutput,
    until cancellation: Cancellation
  ) async throws {
    var watch = SeriesWatch(files, only: series.onlySteps, key: key)
    var lines = LiveLines()
    var latest: SeriesInspection?
    while cancellation.signal == nil {
      if let found = try watch.poll() {
        standardError(lines.text([]))
        do {
          let inspection = try await rank(found, settings, store, until: cancellation)
          try output.write(inspection)
          latest = inspection
          if !quiet, !LiveLines.isPossible { standardError(output.title(inspection) + "\n") }
        } catch let error as TensorFileError {
          // A checkpoint may be deleted after it was found.
          standardError("\(error)".inOneLine + "\n")
        }
      }
      let state = latest.map(output.lines) ?? ["\(files[0]): waiting for the first checkpoint"]
      if !quiet { standardError(lines.text(state)) }
      for _ in 0..<20 where cancellation.signal == nil {
        try await Task.sleep(for: .milliseconds(100))
      }
    }
    standardError(lines.text([]))
    for checkpoint in watch.incomplete {
      standardError("\(checkpoint.checkpoint.name): \(checkpoint.reason)".inOneLine + "\n")
    }
    guard let latest else { return try cancellation.check() }
    try output.show(latest, store)
    if !output.passes(latest) || !watch.incomplete.isEmpty {
      throw ExitCode(Failure.Code.failed.rawValue)
    }
  }

  /// The settings of the series.
  private var seriesSettings: SeriesSettings {
    get throws {
      let (layout, stack, convolution, whole) = (layout, stack, convolution, whole)
      var others = ["run": series.run(of: files)]
      others["key"] = key
      others["layout"] = layout?.rawValue
      if whole { others["whole"] = "true" }
      for (name, patterns) in [("stack", stack), ("convolution", convolution)]
      where !patterns.isEmpty {
        others[name] = patterns.joined(separator: " ")
      }
      return SeriesSettings(
        start: minus == SeriesSettings.firstName
          ? .first : .baseline(try minus.map { try Baseline($0, key: key) } ?? .nothing),
        rule: rule,
        selection: TensorSelection(
          selected: select.map(NamePattern.init), skipped: skip.map(NamePattern.init)),
        overlap: series.overlap, others: others
      ) { archive in
        var layouts = layout.map { TensorLayouts($0) } ?? TensorLayouts(detectedFrom: archive)
        layouts.areFusedWeightsWhole = whole
        layouts.stacks = stack.map(NamePattern.init)
        layouts.convolutions = convolution.map(NamePattern.init)
        return layouts
      }
    }
  }
}

/// Prints and writes the results of a series.
struct SeriesOutput {
  private let command: RankCommand
  private let folder: URL

  init(_ command: RankCommand, _ folder: URL) {
    self.command = command
    self.folder = folder
  }

  private func report(_ inspection: SeriesInspection) -> SeriesReport {
    SeriesReport(
      inspection.rows,
      of: SeriesReport.Subject(
        path: inspection.series.path, difference: inspection.difference,
        startStep: command.minus == SeriesSettings.firstName ? inspection.series.first.step : nil,
        rule: inspection.rule,
        unit: inspection.series.unit,
        command: (["zerolab"] + CommandLine.arguments.dropFirst()).map(shellQuoted)
          .joined(separator: " "),
        skipped: inspection.skipped.map(\.reason), notes: inspection.notes),
      quantities: command.series.quantities,
      groups: command.series.group.map(NamePattern.init))
  }

  /// Writes tables, figure, page and event file.
  func write(_ inspection: SeriesInspection) throws {
    guard !inspection.rows.isEmpty else { return }
    _ = try report(inspection).write(to: folder)
  }

  /// The series, its steps and the tolerance, in one line.
  func title(_ inspection: SeriesInspection) -> String {
    let unit = inspection.series.unit.rawValue
    let steps = inspection.steps
    let count = "\(steps.count) checkpoint\(steps.count == 1 ? "" : "s")"
    let range = steps.first.map { first in
      steps.count == 1 ? ", \(unit) \(first)" : ", \(unit)s \(first) to \(steps[steps.count - 1])"
    }
    return
      "\(inspection.series.path): ranks of \(report(inspection).subject) in \(count)\(range ?? ""), "
      + inspection.rule.description
  }

  /// The results as lines for a screen.
  func lines(_ inspection: SeriesInspection) -> [String] {
    let columns = TerminalWindow(behind: STDOUT_FILENO)?.columns ?? Int.max
    let report = report(inspection)
    let title = title(inspection)
    guard !inspection.rows.isEmpty else { return [title] }
    let table = report.table.aligned(
      within: columns, dropping: report.columnsToDrop, elsewhere: "--csv prints all")
    return [title, report.tableCaption] + table.split(separator: "\n").map(String.init)
  }

  /// Prints the results.
  func show(_ inspection: SeriesInspection, _ store: SeriesStore) throws {
    let remarks = inspection.notes + report(inspection).remarks + defects(inspection)
    if command.json || command.csv {
      for remark in remarks { standardError("note: \(remark)".inOneLine + "\n") }
      if command.json {
        for row in inspection.rows { print(try store.line(of: row), terminator: "") }
      } else {
        print(report(inspection).fullTable.commaSeparated, terminator: "")
      }
      return
    }
    let columns = TerminalWindow(behind: STDOUT_FILENO)?.columns ?? Int.max
    let files = inspection.rows.isEmpty ? [] : ["results: \(folder.relativePath)"]
    for line in lines(inspection)
      + (remarks + files).flatMap({ $0.inOneLine.wrapped(to: columns, indent: 2) })
    {
      print(line)
    }
  }

  /// One line per matrix without a rank.
  private func defects(_ inspection: SeriesInspection) -> [String] {
    inspection.failures.compactMap { row in
      row.defect.map { "\(row.checkpoint), \(row.matrix): \($0)" }
    }
  }

  /// Whether a series passes; failures are printed to standard error.
  func passes(_ inspection: SeriesInspection) -> Bool {
    for checkpoint in inspection.skipped {
      standardError("skipped: \(checkpoint.reason)".inOneLine + "\n")
    }
    if !inspection.skipped.isEmpty {
      let count = inspection.skipped.count
      standardError(
        "\(inspection.series.path): \(count) of "
          + "\(inspection.series.checkpoints.count) checkpoints could not be read\n")
    }
    if inspection.rows.isEmpty {
      standardError("\(inspection.series.path): no matrix was ranked\n")
      return false
    }
    var deficient: [SeriesRow] = []
    if let failBelow = command.failBelow {
      deficient = inspection.deficient(below: failBelow)
      for row in deficient {
        guard let results = row.results, let rank = results.quantities["rank"] else { continue }
        standardError(
          "\(row.checkpoint): the rank of '\(row.matrix.inOneLine)' is \(Int(rank)) of \(row.count) at tolerance "
            + "\(results.tolerance), below \(failBelow)\n")
      }
    }
    return inspection.skipped.isEmpty && inspection.failures.isEmpty && deficient.isEmpty
  }
}
