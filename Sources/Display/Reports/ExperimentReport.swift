// What an experiment's records say: read back from its folder, whether the runs were made a second
// or a year ago.

public import Experiments
import Figures
import Foundation
import Messages
public import Records
public import Training

/// An experiment with the results of its runs.
///
/// Runs are read one after the other, and of each only its results are kept; curves and weights of at most
/// a few hundred.
public struct ExperimentReport: Sendable {
  /// The experiment.
  public let experiment: Experiment

  /// The results of its runs, in the experiment's order.
  public private(set) var results: [RunResult] = []

  /// The runs that have no record yet.
  public private(set) var missing: [TrainingPlan] = []

  /// Folders of runs whose plan cannot be read, a sentence each.
  public private(set) var unreadable: [String] = []

  /// The commands that make the runs again.
  public let commands: [String]

  /// The curves of the experiment's figures, in their order.
  private(set) var figures: [FigureCurves]

  /// The runs that the page draws.
  private(set) var pageRuns: PageRuns

  /// Where the numbers come from.
  private(set) var origins = RunOrigins()

  /// The curves that tables and verdicts need beside those of weights.
  private let names: Set<CurveName>

  private init(_ experiment: Experiment, of plans: [TrainingPlan], commands: [String]?) {
    self.experiment = experiment
    self.commands = commands ?? [experiment.command]
    figures = experiment.figures.map { FigureCurves($0, of: plans) }
    pageRuns = PageRuns(experiment, figures, of: plans)
    names = Set(
      experiment.figures.map { CurveName(quantity: $0.quantity, tensor: $0.tensor) }
        + experiment.claims.map { CurveName(quantity: $0.quantity, tensor: $0.tensor) })
  }

  /// Puts records together with their experiment.
  ///
  /// - Parameters:
  ///   - experiment: The experiment.
  ///   - records: Its runs, in the experiment's order.
  ///   - missing: Those that have no record.
  ///   - commands: The commands that make the runs again; by default the experiment's.
  public init(
    _ experiment: Experiment, records: [RunRecord], missing: [TrainingPlan] = [],
    commands: [String]? = nil
  ) {
    self.init(experiment, of: records.map(\.plan) + missing, commands: commands)
    let known = Dictionary(records.map { ($0.plan, $0) }) { first, _ in first }
    for record in records { add(record) { known[$0] } }
    self.missing = missing
  }

  /// Reads the records of an experiment.
  ///
  /// - Parameters:
  ///   - experiment: Names the runs.
  ///   - folder: Holds them.
  /// - Throws: `RecordError.otherPlan` for a run on other data than the rest; a run whose records cannot be read, or
  ///   are another plan's, has a result that says so.
  public init(_ experiment: Experiment, in folder: ExperimentFolder) throws(RecordError) {
    try self.init(
      experiment, runs: experiment.plans.map { ($0, folder.run($0)) }, commands: nil)
  }

  /// Reads the records of some runs.
  ///
  /// - Parameters:
  ///   - experiment: Describes the report.
  ///   - runs: The plans in the experiment's order, each with its folder.
  ///   - unreadable: What is wrong with runs of which not even the plan can be read.
  ///   - commands: The commands that make the runs again; by default the experiment's.
  /// - Throws: `RecordError.otherPlan` for a run on other data than the rest.
  init(
    _ experiment: Experiment, runs: [(plan: TrainingPlan, folder: RunFolder)],
    unreadable: [String] = [], commands: [String]?
  ) throws(RecordError) {
    self.init(experiment, of: runs.map(\.plan), commands: commands)
    self.unreadable = unreadable
    let hasDifferences = experiment.figures.contains { $0.difference != nil }
    let folders =
      hasDifferences ? Dictionary(runs.map { ($0.plan, $0.folder) }) { first, _ in first } : [:]
    for (plan, folder) in runs {
      guard folder.holdsRun else {
        missing.append(plan)
        continue
      }
      let record: RunRecord
      do {
        record = try Self.record(of: plan, in: folder, withSnapshots: pageRuns.shows(plan))
      } catch {
        results.append(RunResult(damaged: plan, error))
        continue
      }
      guard origins.agree(with: record) else {
        throw .otherPlan(path: folder.url.path, key: "the contents of \(plan.data)")
      }
      add(record) { other in
        folders[other].flatMap { try? Self.record(of: other, in: $0, withSnapshots: false) }
      }
    }
  }

  private static func record(of plan: TrainingPlan, in folder: RunFolder, withSnapshots: Bool)
    throws(RecordError) -> RunRecord
  {
    let record = try RunRecord(folder, withSnapshots: withSnapshots)
    if let key = plan.firstDifference(from: record.plan) {
      throw .otherPlan(path: folder.url.path, key: key)
    }
    return record
  }

  /// Takes what is needed of a run.
  ///
  /// - Parameters:
  ///   - record: The run.
  ///   - other: Finds the run that a figure of differences subtracts.
  private mutating func add(_ record: RunRecord, other: (TrainingPlan) -> RunRecord?) {
    results.append(RunResult(record, keeping: names))
    origins.add(record)
    var differences: [String: [(updates: Int, value: Double)]] = [:]
    for index in figures.indices {
      let series = figures[index].add(record, other: other)
      if figures[index].figure.difference != nil, !series.isEmpty {
        differences[PageData.Figure.curve(of: figures[index].figure, at: index)] = series
      }
    }
    pageRuns.add(record, differences: differences)
  }

  /// The verdict on each claim, in the experiment's order.
  public var verdicts: [Verdict] {
    experiment.claims.map { Verdict($0, on: results, missing: missing) }
  }

  /// Whether every run is done and every claim holds.
  public var isConfirmed: Bool {
    missing.isEmpty && unreadable.isEmpty && results.allSatisfy(\.isDone)
      && verdicts.allSatisfy(\.isHeld)
  }

  /// Writes the tables, the figures and the page into the experiment's folder.
  ///
  /// - Parameter folder: Where to.
  /// - Returns: The names of the page's and the figures' files.
  /// - Throws: `RecordError` when a file can't be written, `DrawingError` when Cairo fails,
  ///   `ReportError.brokenInstallation`.
  public func write(to folder: ExperimentFolder) throws -> [String] {
    try RecordFiles.write(Array(summary.commaSeparated.utf8), to: folder.file("summary.csv"))
    try RecordFiles.write(Array(runs.commaSeparated.utf8), to: folder.file("runs.csv"))
    var names = ["report.html"]
    try RecordFiles.write(Array(try page().utf8), to: folder.file("report.html"))
    for (name, figure) in FigureCurves.figures(figures) {
      for format in FigureFormat.allCases {
        let file = "\(name).\(format.rawValue)"
        try RecordFiles.write(try figure.file(format), to: folder.file(file))
        names.append(file)
      }
    }
    return names
  }
}
