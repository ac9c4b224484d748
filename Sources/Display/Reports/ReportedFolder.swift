// Finding the experiments and runs in a folder of results.

public import Foundation
import ZerOExperiments
public import ZerORecords
import ZerOTraining

/// A folder of results and the report of its records.
public struct ReportedFolder: Sendable {
  /// The folder that the report is written to.
  public let folder: ExperimentFolder

  /// The report.
  public let report: ExperimentReport

  /// One sentence per run that is left out because another folder contains a run with the same settings.
  public let copies: [String]

  /// The reports of all folders of results in a folder.
  public struct Findings {
    /// The readable folders, sorted by name.
    public private(set) var folders: [ReportedFolder] = []

    /// The errors of the other folders.
    public private(set) var failures: [any Error] = []

    fileprivate init() {}

    /// Adds a folder, or the error of reading it.
    fileprivate mutating func add(_ read: () throws -> ReportedFolder) {
      do { folders.append(try read()) } catch { failures.append(error) }
    }

    /// Adds the reports of a folder and of its subfolders.
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
          // A report behind a link would be written outside. Folders inside the root are found by their own names.
          do { try root.refuseLinks(to: folder) } catch { failures.append(error) }
        } else {
          addAll(in: folder, of: root, depth: depth - 1)
        }
      }
    }
  }

  /// Reads every experiment in a folder.
  ///
  /// An unreadable experiment does not prevent the reports of the others.
  ///
  /// - Parameter url: One of three kinds of folder: a folder with an `experiment.yaml`; a run's folder or a folder of
  ///   runs, as made by `zerolab train`, which get one common report; or a folder that contains such folders, up to
  ///   three levels deep. It may be a symbolic link; links inside it are not followed.
  /// - Returns: The reports. If there are several, an experiment without started runs has a report without records.
  ///   Failures are `ReportError.noExperiment` if nothing was found, `.noRuns` for the folder of an experiment without
  ///   started runs, `ExperimentError` and `RecordError` for unreadable or inconsistent files, and
  ///   `RecordError.isLink` for a link to the outside.
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
    let experiment = try Experiment.load(
      folder.file("experiment.yaml").relativePath, initializers: nil, measurements: nil)
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

  /// The distinct runs in some folders, the copies that are left out, and the errors of unreadable plans.
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
          // A second copy would count as another seed, so only the more complete copy is used.
          if completeness(of: folder) > completeness(of: runs[place].folder) {
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

  /// Orders the copies of a run: damaged, unfinished, completed.
  private static func completeness(of folder: RunFolder) -> Int {
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
    // Results that were moved aside are reported only if named.
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
