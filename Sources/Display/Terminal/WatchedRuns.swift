// Finding the runs in the watched folders.

import Foundation
import ZerOExperiments
import ZerORecords
import ZerOTraining

/// An error of `zerolab watch`.
public enum WatchError: Error, Equatable, CustomStringConvertible {
  /// The path does not exist or is no folder.
  case noFolder(path: String)

  /// The folder contains neither runs nor an experiment.
  case noRuns(path: String)

  /// The error and its fix, in one line.
  public var description: String {
    switch self {
    case .noFolder(let path):
      "\(path): no such folder; give the folder of a run, of an experiment, or of several"
    case .noRuns(let path):
      "\(path): contains no runs; give the folder of a run, of an experiment, or of several"
    }
  }
}

/// The runs in some folders, searched anew at each poll.
struct WatchedRuns {
  private let roots: [URL]

  /// The runs of each experiment's file, which is read once: it does not change while the experiment runs.
  private var known: [URL: [Found]] = [:]

  /// A run, started or not.
  struct Found {
    let folder: RunFolder

    /// The path of its folder without `.` and `..`.
    ///
    /// Symbolic links are not resolved, so a folder may have several keys.
    let key: String

    /// The plan from the experiment's file; `nil` to read it from the run's folder.
    let plan: TrainingPlan?

    /// The name of the experiment's folder, or of the run's.
    let home: String

    init(_ folder: RunFolder, plan: TrainingPlan? = nil, home: URL) {
      self.folder = folder
      self.plan = plan
      self.home = home.lastPathComponent
      key = folder.url.standardizedFileURL.path
    }
  }

  /// Checks that the folders exist.
  ///
  /// - Throws: `WatchError.noFolder`.
  init(_ roots: [URL]) throws(WatchError) {
    for root in roots where !Self.isFolder(root) { throw .noFolder(path: root.relativePath) }
    self.roots = roots
  }

  /// Searches the folders.
  ///
  /// - Parameter mayBeEmpty: Whether a folder without runs is no error.
  /// - Returns: Every run once, including the ones of an experiment that have not started.
  /// - Throws: `WatchError.noRuns` for a folder without runs.
  mutating func find(mayBeEmpty: Bool) throws(WatchError) -> [Found] {
    var found: [Found] = []
    var paths: Set<String> = []
    for root in roots {
      let runs = find(in: root, depth: 2)
      guard mayBeEmpty || !runs.isEmpty else { throw .noRuns(path: root.relativePath) }
      found += runs.filter { paths.insert($0.key).inserted }
    }
    return found
  }

  private mutating func find(in folder: URL, depth: Int) -> [Found] {
    let run = RunFolder(folder)
    if run.holdsRun { return [Found(run, home: folder)] }
    let experiment = ExperimentFolder(folder)
    if let runs = runs(of: experiment) { return runs }
    let runs = Self.folders(in: experiment.file("runs")).map { RunFolder($0) }.filter(\.holdsRun)
    if !runs.isEmpty { return runs.map { Found($0, home: folder) } }
    guard depth > 0 else { return [] }
    return Self.folders(in: folder).flatMap { find(in: $0, depth: depth - 1) }
  }

  private mutating func runs(of experiment: ExperimentFolder) -> [Found]? {
    if let runs = known[experiment.url] {
      // A folder that did not exist, or was moved aside, may have been made under another name.
      let current = runs.map { run in
        guard !run.folder.holdsRun, let plan = run.plan else { return run }
        return Found(experiment.run(plan), plan: plan, home: experiment.url)
      }
      known[experiment.url] = current
      return current
    }
    let file = experiment.file("experiment.yaml")
    guard let text = try? String(contentsOf: file, encoding: .utf8),
      let plans = try? Experiment(
        yaml: text, path: file.path, initializers: nil, measurements: nil
      ).plans
    else { return nil }
    let runs = plans.map { Found(experiment.run($0), plan: $0, home: experiment.url) }
    known[experiment.url] = runs
    return runs
  }

  private static func isFolder(_ url: URL) -> Bool {
    (try? url.resourceValues(forKeys: [.isDirectoryKey]).isDirectory) == true
  }

  /// The subfolders of a folder, without results that were moved aside; these are watched only if named.
  private static func folders(in folder: URL) -> [URL] {
    let entries = try? FileManager.default.contentsOfDirectory(
      at: folder, includingPropertiesForKeys: [.isDirectoryKey], options: .skipsHiddenFiles)
    return (entries ?? []).filter { isFolder($0) && !$0.lastPathComponent.contains(".before-") }
      .sorted { $0.path < $1.path }
  }
}
