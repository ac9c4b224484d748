// The report of an experiment, made from the records in its folder.

import Foundation
public import ZerOExperiments
import ZerOFigures
import ZerOMessages
public import ZerORecords
public import ZerOTraining

/// An experiment with the results of its runs.
///
/// Runs are read one at a time. The report keeps the results of each run, and the curves and weights of at most a
/// few hundred runs.
public struct ExperimentReport: Sendable {
  /// The experiment.
  public let experiment: Experiment

  /// The results of its runs, in the experiment's order.
  public private(set) var results: [RunResult] = []

  /// The runs without a record.
  public private(set) var missing: [TrainingPlan] = []

  /// One sentence per folder of a run with an unreadable plan.
  public private(set) var unreadable: [String] = []

  /// The commands that reproduce the runs; none if another program's initializers or quantities are needed.
  public let commands: [String]

  /// The curves of the experiment's figures, in the experiment's order.
  private(set) var figures: [FigureCurves]

  /// The runs that the page draws.
  private(set) var pageRuns: PageRuns

  /// The data, programs and machines of the runs.
  private(set) var provenance = ProvenanceSummary()

  /// The curves that tables and verdicts need in addition to the curves of weights.
  private let names: Set<CurveName>

  private init(_ experiment: Experiment, of plans: [TrainingPlan], commands: [String]?) {
    self.experiment = experiment
    self.commands = plans.allSatisfy(\.isBuiltIn) ? commands ?? [experiment.command] : []
    figures = experiment.figures.map { FigureCurves($0, of: plans) }
    pageRuns = PageRuns(experiment, figures, of: plans)
    names = Set(
      experiment.figures.map { CurveName(quantity: $0.quantity, tensor: $0.tensor) }
        + experiment.claims.map { CurveName(quantity: $0.quantity, tensor: $0.tensor) })
  }

  /// Makes a report of records.
  ///
  /// - Parameters:
  ///   - experiment: The experiment.
  ///   - records: The records of its runs, in the experiment's order.
  ///   - missing: The runs without a record.
  ///   - commands: The commands that reproduce the runs; by default the experiment's.
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
  /// A run with unreadable records, or with the records of another plan, gets a result with the error.
  ///
  /// - Parameters:
  ///   - experiment: The experiment.
  ///   - folder: The experiment's folder.
  /// - Throws: `RecordError.otherPlan` if the runs use different data under the same name.
  public init(_ experiment: Experiment, in folder: ExperimentFolder) throws(RecordError) {
    try self.init(
      experiment, runs: experiment.plans.map { ($0, folder.run($0)) }, commands: nil)
  }

  /// Reads the records of some runs.
  ///
  /// - Parameters:
  ///   - experiment: The experiment.
  ///   - runs: The plans in the experiment's order, each with its folder.
  ///   - unreadable: The errors of runs with unreadable plans.
  ///   - commands: The commands that reproduce the runs; by default the experiment's.
  /// - Throws: `RecordError.otherPlan` if the runs use different data under the same name.
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
      guard provenance.agree(with: record) else {
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

  /// Adds a run.
  ///
  /// - Parameters:
  ///   - record: The run.
  ///   - other: Returns the record of another plan, which figures of differences subtract.
  private mutating func add(_ record: RunRecord, other: (TrainingPlan) -> RunRecord?) {
    results.append(RunResult(record, keeping: names))
    provenance.add(record)
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

  /// Writes tables, figures and page.
  ///
  /// - Parameter folder: The folder to write to.
  /// - Returns: The file names of the page and the figures.
  /// - Throws: `RecordError` if a file cannot be written, `DrawingError` if Cairo fails,
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

extension ExperimentReport {
  /// The maximum number of lines on equal initial weights.
  private static var sameStartLimit: Int { 8 }

  /// One sentence per setting with the initial weights, and therefore the results, of an earlier setting.
  ///
  /// Two different initializers with equal results look like a mistake, so the report explains them. Weights are
  /// compared element by element; see `TrainingPlan.sameStarts`.
  var sameStarts: [String] {
    let sizes = provenance.data.mapValues { ($0.inputDimension, $0.classCount) }
    let plans = results.map(\.plan)
    let same = TrainingPlan.sameStarts(
      among: plans, sizes: sizes.mapValues { (inputs: $0.0, classes: $0.1) })
    var known: Set<String> = []
    let sentences = plans.compactMap { plan -> String? in
      guard let other = same[plan] else { return nil }
      let sentence =
        "\(plan.settingIdentifier): same initial weights as \(other.settingIdentifier), "
        + "so the same results"
      return known.insert(sentence).inserted ? sentence : nil
    }
    guard sentences.count > Self.sameStartLimit else { return sentences }
    let more = sentences.count - Self.sameStartLimit
    return sentences.prefix(Self.sameStartLimit) + ["and \(more) more settings with equal weights"]
  }
}
