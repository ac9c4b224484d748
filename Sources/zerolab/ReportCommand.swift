// zerolab report: pages, figures and tables from records.

import ArgumentParser
import Experiments
import Foundation
import Records
import Reports
import Terminal

struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report", abstract: "Make report.html, figures and tables from recorded runs.",
    discussion: """
      A folder of an experiment, of runs of 'zerolab train', or one that holds such folders, up to three folders \
      deep. An earlier report is replaced; runs that are under way are shown as far as they are. Of more than \
      200 runs the figures and the page draw some, and say so; runs.csv has every run. A run whose records are \
      damaged or incomplete is named, and a claim about it is undecided. A folder that cannot be reported on is \
      named after the others have been. Ends with 1 while a run is not done or a claim not held.
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
        standardError("\(folder.report.experiment.name): no run has begun\n")
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
      let total = folder.report.results.count + folder.report.missing.count
      let done = folder.report.results.count(where: \.isDone)
      if done < total {
        standardError("\(folder.report.experiment.name): \(done) of \(total) runs are done\n")
      }
      for reason in folder.copies + folder.report.unreadable
        + folder.report.results.filter(\.isDamaged).compactMap(\.reason)
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
