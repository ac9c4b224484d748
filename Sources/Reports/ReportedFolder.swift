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
  /// - Parameter url: A folder with an `experiment.yaml`; or one whose folders have one; or a run's folder, or
  ///   one of such, as `zerolab train` makes them, whose runs are then reported on together.
  /// - Returns: In the order of their names.
  /// - Throws: `ReportError.noExperiment` when there is none of these; `ExperimentError` and `RecordError` for
  ///   what can't be read.
  public static func all(in url: URL) throws -> [ReportedFolder] {
    if isExperiment(url) { return [try ReportedFolder(experiment: url)] }
    let inner = subfolders(of: url)
    let experiments = inner.filter(isExperiment)
    if !experiments.isEmpty { return try experiments.map(ReportedFolder.init(experiment:)) }
    let runs = ([url] + inner).map(RunFolder.init).filter(\.holdsRun)
    guard !runs.isEmpty else { throw ReportError.noExperiment(path: url.relativePath) }
    return [try ReportedFolder(runs: runs, of: url)]
  }

  private init(experiment url: URL) throws {
    folder = ExperimentFolder(url)
    let experiment = try Experiment.load(folder.file("experiment.yaml").relativePath)
    report = try ExperimentReport(experiment, in: folder)
    guard !report.records.isEmpty else { throw ReportError.noRuns(path: url.relativePath) }
  }

  private init(runs: [RunFolder], of url: URL) throws {
    folder = ExperimentFolder(url)
    let records = try runs.map { run throws(RecordError) in try RunRecord(run) }
    let experiment = try Experiment(of: records.map(\.plan), name: url.lastPathComponent)
    report = ExperimentReport(
      experiment, records: records, commands: records.map(\.plan.trainCommand))
  }

  private static func isExperiment(_ url: URL) -> Bool {
    FileManager.default.fileExists(atPath: url.appendingPathComponent("experiment.yaml").path)
  }

  private static func subfolders(of url: URL) -> [URL] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []
    return names.sorted().map { url.appendingPathComponent($0) }
  }
}
