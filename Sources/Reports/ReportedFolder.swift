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
  ///   makes them, whose runs are reported on together; or one that holds any of these, up to three folders deep.
  /// - Returns: In the order of their names; among several, an experiment of which nothing has begun has a report
  ///   without records.
  /// - Throws: `ReportError.noExperiment` when there is none of these, `.noRuns` for an experiment's own folder
  ///   without any run; `ExperimentError` and `RecordError` for what can't be read, or doesn't belong together.
  public static func all(in url: URL) throws -> [ReportedFolder] {
    if isExperiment(url) {
      let single = try ReportedFolder(experiment: url)
      guard !single.report.results.isEmpty else {
        throw ReportError.noRuns(path: url.relativePath)
      }
      return [single]
    }
    let found = try below(url, depth: 3)
    guard !found.isEmpty else { throw ReportError.noExperiment(path: url.relativePath) }
    return found
  }

  /// The reports of a folder and of those in it, as deep as results lie in a folder of projects.
  private static func below(_ url: URL, depth: Int) throws -> [ReportedFolder] {
    if isExperiment(url) { return [try ReportedFolder(experiment: url)] }
    let inner = subfolders(of: url)
    let own = try ReportedFolder(runsIn: url, inner)
    guard depth > 0, !RunFolder(url).holdsRun else { return own.map { [$0] } ?? [] }
    return try (own.map { [$0] } ?? [])
      + inner.filter { !RunFolder($0).holdsRun }.flatMap { try below($0, depth: depth - 1) }
  }

  private init(experiment url: URL) throws {
    folder = ExperimentFolder(url)
    let experiment = try Experiment.load(folder.file("experiment.yaml").relativePath)
    report = try ExperimentReport(experiment, in: folder)
  }

  private init?(runsIn url: URL, _ subfolders: [URL]) throws {
    var known: Set<TrainingPlan> = []
    var runs: [(plan: TrainingPlan, folder: RunFolder)] = []
    var errors: [RecordError] = []
    for folder in ([url] + subfolders).map(RunFolder.init) where folder.holdsRun {
      do {
        // The same run once more says nothing new, and would count as another seed.
        let plan = try folder.plan
        if known.insert(plan).inserted { runs.append((plan, folder)) }
      } catch {
        errors.append(error)
      }
    }
    guard !runs.isEmpty else {
      if let error = errors.first { throw error }
      return nil
    }
    folder = ExperimentFolder(url)
    let plans = runs.map(\.plan)
    report = try ExperimentReport(
      try Experiment(of: plans, name: url.lastPathComponent), runs: runs,
      unreadable: errors.map(\.description), commands: plans.map(\.trainCommand))
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
