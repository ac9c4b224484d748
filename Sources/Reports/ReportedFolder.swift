// Finding the records that a report is of, from whatever folder of results somebody names.

import Experiments
public import Foundation
public import Records
import Training

/// A folder of results, with what its records say.
public struct ReportedFolder: Sendable {
  /// Where the report goes.
  public let folder: ExperimentFolder

  /// The report.
  public let report: ExperimentReport

  /// Reads every experiment in a folder.
  ///
  /// - Parameter url: A folder with an `experiment.yaml`; or a run's folder, or one of such, as `zerolab train`
  ///   makes them, whose runs are reported on together; or one that holds any of these.
  /// - Returns: In the order of their names; among several, an experiment of which nothing has begun has a report
  ///   without records.
  /// - Throws: `ReportError.noExperiment` when there is none of these, `.noRuns` for an experiment's own folder
  ///   without any run; `ExperimentError` and `RecordError` for what can't be read, or doesn't belong together.
  public static func all(in url: URL) throws -> [ReportedFolder] {
    if isExperiment(url) {
      let single = try ReportedFolder(experiment: url)
      guard !single.report.records.isEmpty else {
        throw ReportError.noRuns(path: url.relativePath)
      }
      return [single]
    }
    let own = try ReportedFolder(runsIn: url)
    let inner = try subfolders(of: url).filter { !RunFolder($0).holdsRun }.compactMap { inner in
      isExperiment(inner)
        ? try ReportedFolder(experiment: inner) : try ReportedFolder(runsIn: inner)
    }
    let found = (own.map { [$0] } ?? []) + inner
    guard !found.isEmpty else { throw ReportError.noExperiment(path: url.relativePath) }
    return found
  }

  private init(experiment url: URL) throws {
    folder = ExperimentFolder(url)
    let experiment = try Experiment.load(folder.file("experiment.yaml").relativePath)
    report = try ExperimentReport(experiment, in: folder)
  }

  private init?(runsIn url: URL) throws {
    let runs = ([url] + Self.subfolders(of: url)).map(RunFolder.init).filter(\.holdsRun)
    guard !runs.isEmpty else { return nil }
    folder = ExperimentFolder(url)
    var records: [RunRecord] = []
    for run in runs {
      let record = try RunRecord(run)
      try ExperimentReport.check(record, in: run, against: records)
      // The same run once more says nothing new, and would count as another seed.
      if !records.contains(where: { $0.plan == record.plan }) { records.append(record) }
    }
    let experiment = try Experiment(of: records.map(\.plan), name: url.lastPathComponent)
    report = ExperimentReport(
      experiment, records: records, commands: records.map(\.plan.trainCommand))
  }

  private static func isExperiment(_ url: URL) -> Bool {
    FileManager.default.fileExists(atPath: url.appendingPathComponent("experiment.yaml").path)
  }

  private static func subfolders(of url: URL) -> [URL] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []
    // What was moved aside is not asked for with the rest.
    return names.sorted().filter { !$0.contains(".before-") }
      .map { url.appendingPathComponent($0) }
  }
}
