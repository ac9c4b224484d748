// zerolab report: pages, figures and tables from records.

import ArgumentParser
import Foundation
import ZerOExperiments
import ZerORecords
import ZerOReports
import ZerOTerminal

struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report", abstract: "Make report.html, figures and tables from recorded runs.",
    discussion: """
      A folder may be an experiment's, one with runs of 'zerolab train', or one that contains such folders, up to \
      three levels deep. The report is written into the folder and replaces an earlier one. Running runs are \
      included as far as they are. Of more than 200 runs, the figures and the page show a selection; runs.csv lists \
      every run. Runs with damaged or incomplete records are listed, and claims about them are undecided. Errors \
      are printed after all other folders are done. The exit code is 1 if a run is not done or a claim is not held.
      """)

  @Argument(help: "Folders of results.", completion: .directory)
  var folders: [String]

  func run() throws {
    var isConfirmed = true
    // All folders are read before any report is written.
    let found = folders.map { ReportedFolder.all(in: URL(fileURLWithPath: $0)) }
    var failures = found.flatMap(\.failures)
    for folder in found.flatMap(\.folders) {
      guard !folder.report.results.isEmpty else {
        isConfirmed = false
        standardError("\(folder.report.experiment.name): no run has started\n")
        continue
      }
      let names: [String]
      do {
        names = try folder.report.write(to: folder.folder)
      } catch let error as RecordError {
        failures.append(error)
        continue
      }
      isConfirmed = isConfirmed && folder.report.isConfirmed
      print("\(folder.report.experiment.name):")
      for verdict in folder.report.verdicts { print("  \(verdict.sentence)") }
      if !folder.report.verdicts.isEmpty { print("  \(ExperimentReport.rankNote)") }
      let total = folder.report.results.count + folder.report.missing.count
      let done = folder.report.results.count(where: \.isDone)
      if done < total {
        standardError("\(folder.report.experiment.name): \(done) of \(total) runs are done\n")
      }
      for reason in folder.copies + folder.report.unreadable
        + folder.report.results.compactMap({ $0.isDone ? nil : $0.reason })
      {
        standardError("\(folder.report.experiment.name): \(reason)\n")
      }
      for name in names { print("  \(folder.folder.file(name).relativePath)") }
    }
    let reasons = try failures.map { error in
      guard let reason = Failure(error) else { throw error }
      return reason
    }
    for reason in reasons { reason.report() }
    if let first = reasons.first { throw ExitCode(first.code.rawValue) }
    if !isConfirmed { throw ExitCode(Failure.Code.failed.rawValue) }
  }
}
