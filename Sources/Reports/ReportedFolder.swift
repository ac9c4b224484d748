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
  /// - Returns: In the order of their names.
  /// - Throws: `ReportError.noExperiment` when there is none of these; `ExperimentError` and `RecordError` for
  ///   what can't be read.
  public static func all(in url: URL) throws -> [ReportedFolder] {
    if isExperiment(url) { return [try ReportedFolder(experiment: url)] }
    if let single = try ReportedFolder(runsIn: url) { return [single] }
    let found = try subfolders(of: url).compactMap { inner in
      isExperiment(inner)
        ? try ReportedFolder(experiment: inner) : try ReportedFolder(runsIn: inner)
    }
    guard !found.isEmpty else { throw ReportError.noExperiment(path: url.relativePath) }
    return found
  }

  private init(experiment url: URL) throws {
    folder = ExperimentFolder(url)
    let experiment = try Experiment.load(folder.file("experiment.yaml").relativePath)
    report = try ExperimentReport(experiment, in: folder)
    guard !report.records.isEmpty else { throw ReportError.noRuns(path: url.relativePath) }
  }

  private init?(runsIn url: URL) throws {
    let runs = ([url] + Self.subfolders(of: url)).map(RunFolder.init).filter(\.holdsRun)
    guard !runs.isEmpty else { return nil }
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
    // What was moved aside is not asked for with the rest.
    return names.sorted().filter { !$0.contains(".before-") }
      .map { url.appendingPathComponent($0) }
  }
}
