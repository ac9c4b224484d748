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

  /// Runs that are not in the report since another folder has a run of the same settings, a sentence each.
  public let copies: [String]

  /// The folders of results in a folder.
  public struct Findings {
    /// Those that can be reported on, in the order of their names.
    public private(set) var folders: [ReportedFolder] = []

    /// What is wrong with the others.
    public private(set) var failures: [any Error] = []

    fileprivate init() {}

    /// Adds a folder, or the reason why it can't be reported on.
    fileprivate mutating func add(_ read: () throws -> ReportedFolder) {
      do { folders.append(try read()) } catch { failures.append(error) }
    }

    /// Adds the reports of a folder and of those in it, as deep as results lie in a folder of projects.
    fileprivate mutating func addAll(in url: URL, of root: ExperimentFolder, depth: Int) {
      if isExperiment(url) { return add { try ReportedFolder(experiment: url) } }
      let inner = subfolders(of: url)
      let (runs, copies, errors) = ReportedFolder.runs(in: [url] + inner)
      if runs.isEmpty {
        failures += errors
      } else {
        add {
          try ReportedFolder(
            url, runs: runs, copies: copies, unreadable: errors.map(\.description))
        }
      }
      guard depth > 0, !RunFolder(url).holdsRun else { return }
      for folder in inner where !RunFolder(folder).holdsRun {
        if isLink(folder) {
          // A report would be written behind it. What is in the root is found under its own name.
          do { try root.refuseLinks(to: folder) } catch { failures.append(error) }
        } else {
          addAll(in: folder, of: root, depth: depth - 1)
        }
      }
    }
  }

  /// Reads every experiment in a folder; one that can't be reported on keeps no other from it.
  ///
  /// - Parameter url: A folder with an `experiment.yaml`; or a run's folder, or one of such, as `zerolab train`
  ///   makes them, whose runs are reported on together; or one that holds any of these, up to three folders deep.
  ///   It may be a symbolic link; links to folders of results in it are not followed.
  /// - Returns: Among several, an experiment of which nothing has begun has a report without records. Failures are
  ///   `ReportError.noExperiment` when there is none of these, `.noRuns` for an experiment's own folder without any
  ///   run; `ExperimentError` and `RecordError` for what can't be read, or doesn't belong together, and
  ///   `RecordError.isLink` for a link that leads out of the folder.
  public static func all(in url: URL) -> Findings {
    var findings = Findings()
    if isExperiment(url) {
      findings.add {
        let single = try ReportedFolder(experiment: url)
        guard !single.report.results.isEmpty else {
          throw ReportError.noRuns(path: url.relativePath)
        }
        return single
      }
      return findings
    }
    findings.addAll(in: url, of: ExperimentFolder(url), depth: 3)
    if findings.folders.isEmpty, findings.failures.isEmpty {
      findings.add { throw ReportError.noExperiment(path: url.relativePath) }
    }
    return findings
  }

  private init(experiment url: URL) throws {
    folder = ExperimentFolder(url)
    let experiment = try Experiment.load(folder.file("experiment.yaml").relativePath)
    report = try ExperimentReport(experiment, in: folder)
    copies = []
  }

  private init(
    _ url: URL, runs: [(plan: TrainingPlan, folder: RunFolder)], copies: [String],
    unreadable: [String]
  ) throws {
    folder = ExperimentFolder(url)
    self.copies = copies
    let plans = runs.map(\.plan)
    report = try ExperimentReport(
      Experiment(of: plans, name: url.lastPathComponent), runs: runs, unreadable: unreadable,
      commands: plans.map(\.trainCommand))
  }

  /// The distinct runs in some folders, what is left out for them, and what is wrong with those whose plan can't be read.
  private static func runs(in folders: [URL]) -> (
    [(plan: TrainingPlan, folder: RunFolder)], copies: [String], [RecordError]
  ) {
    var places: [TrainingPlan: Int] = [:]
    var runs: [(plan: TrainingPlan, folder: RunFolder)] = []
    var leftOut: [(place: Int, folder: RunFolder)] = []
    var errors: [RecordError] = []
    for folder in folders.map(RunFolder.init) where folder.holdsRun {
      do {
        let plan = try folder.plan
        if let place = places[plan] {
          // The same run once more would count as another seed: the better copy is taken.
          if worth(of: folder) > worth(of: runs[place].folder) {
            leftOut.append((place, runs[place].folder))
            runs[place].folder = folder
          } else {
            leftOut.append((place, folder))
          }
        } else {
          places[plan] = runs.count
          runs.append((plan, folder))
        }
      } catch {
        errors.append(error)
      }
    }
    let copies = leftOut.map { place, folder in
      "\(folder.url.lastPathComponent) is left out: the same settings as "
        + runs[place].folder.url.lastPathComponent
    }
    return (runs, copies, errors)
  }

  /// Orders copies of a run: damaged ones, unfinished ones, finished ones.
  private static func worth(of folder: RunFolder) -> Int {
    guard let record = try? RunRecord(folder, withSnapshots: false, keeping: { _ in nil }) else {
      return 0
    }
    return record.status.status == .done ? 2 : 1
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

  /// Whether a name is a symbolic link to a folder.
  private static func isLink(_ url: URL) -> Bool {
    let files = FileManager.default
    var isFolder: ObjCBool = false
    return unsafe (try? files.destinationOfSymbolicLink(atPath: url.path)) != nil
      && files.fileExists(atPath: url.path, isDirectory: &isFolder) && isFolder.boolValue
  }
}
