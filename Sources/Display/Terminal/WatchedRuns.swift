// Which runs lie in the folders that somebody wants to watch.

import Experiments
import Foundation
import Records
import Training

/// Why there is nothing to watch.
public enum WatchError: Error, Equatable, CustomStringConvertible {
  /// A path where nothing is, or no folder.
  case noFolder(path: String)

  /// A folder with neither runs nor an experiment.
  case noRuns(path: String)

  /// The error and its fix, in one line.
  public var description: String {
    switch self {
    case .noFolder(let path):
      "\(path): there is no such folder; name a run's, an experiment's, or one that holds them"
    case .noRuns(let path):
      "\(path): holds no runs; name a run's folder, an experiment's, or one that holds them"
    }
  }
}

/// The runs in some folders, found again at each look.
struct WatchedRuns {
  private let roots: [URL]

  /// What has been read of an experiment's file: its plans don't change while it runs.
  private var known: [URL: [Found]] = [:]

  /// A run, begun or not.
  struct Found {
    let folder: RunFolder

    /// The path of its folder without `.` and `..`; a folder that several links lead to has several.
    let key: String

    /// The plan where only the experiment tells it so far.
    let plan: TrainingPlan?

    /// The experiment's folder, or the run's own.
    let home: String

    init(_ folder: RunFolder, plan: TrainingPlan? = nil, home: URL) {
      self.folder = folder
      self.plan = plan
      self.home = home.lastPathComponent
      key = folder.url.standardizedFileURL.path
    }
  }

  /// Names the folders.
  ///
  /// - Throws: `WatchError.noFolder`.
  init(_ roots: [URL]) throws(WatchError) {
    for root in roots where !Self.isFolder(root) { throw .noFolder(path: root.relativePath) }
    self.roots = roots
  }

  /// Looks through the folders.
  ///
  /// - Parameter mayBeEmpty: Whether folders without runs are nothing to complain about.
  /// - Returns: Every run once, those that an experiment still has to begin included.
  /// - Throws: `WatchError.noRuns` for a folder without any.
  mutating func look(mayBeEmpty: Bool) throws(WatchError) -> [Found] {
    var found: [Found] = []
    var paths: Set<String> = []
    for root in roots {
      let runs = look(in: root, depth: 2)
      guard mayBeEmpty || !runs.isEmpty else { throw .noRuns(path: root.relativePath) }
      found += runs.filter { paths.insert($0.key).inserted }
    }
    return found
  }

  private mutating func look(in folder: URL, depth: Int) -> [Found] {
    let run = RunFolder(folder)
    if run.holdsRun { return [Found(run, home: folder)] }
    let experiment = ExperimentFolder(folder)
    if let runs = runs(of: experiment) { return runs }
    let runs = Self.folders(in: experiment.file("runs")).map { RunFolder($0) }.filter(\.holdsRun)
    if !runs.isEmpty { return runs.map { Found($0, home: folder) } }
    guard depth > 0 else { return [] }
    return Self.folders(in: folder).flatMap { look(in: $0, depth: depth - 1) }
  }

  private mutating func runs(of experiment: ExperimentFolder) -> [Found]? {
    if let runs = known[experiment.url] { return runs }
    let file = experiment.file("experiment.yaml")
    guard let text = try? String(contentsOf: file, encoding: .utf8),
      let plans = try? Experiment(yaml: text, path: file.path).plans
    else { return nil }
    let runs = plans.map { Found(experiment.run($0), plan: $0, home: experiment.url) }
    known[experiment.url] = runs
    return runs
  }

  private static func isFolder(_ url: URL) -> Bool {
    (try? url.resourceValues(forKeys: [.isDirectoryKey]).isDirectory) == true
  }

  /// The folders in a folder; what was moved aside is watched only when it is asked for.
  private static func folders(in folder: URL) -> [URL] {
    let entries = try? FileManager.default.contentsOfDirectory(
      at: folder, includingPropertiesForKeys: [.isDirectoryKey], options: .skipsHiddenFiles)
    return (entries ?? []).filter { isFolder($0) && !$0.lastPathComponent.contains(".before-") }
      .sorted { $0.path < $1.path }
  }
}
