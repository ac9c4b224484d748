// What an experiment's records say: read back from its folder, whether the runs were made a second
// or a year ago.

public import Experiments
import Figures
import Foundation
public import Records
public import Training

/// An experiment with the records of its runs.
public struct ExperimentReport: Sendable {
  /// The experiment.
  public let experiment: Experiment

  /// Its runs, in the experiment's order.
  public let records: [RunRecord]

  /// The runs that have no record yet.
  public let missing: [TrainingPlan]

  /// The commands that make the runs again.
  public let commands: [String]

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
    self.experiment = experiment
    self.records = records
    self.missing = missing
    self.commands = commands ?? [experiment.command]
  }

  /// Reads the records of an experiment.
  ///
  /// - Parameters:
  ///   - experiment: Names the runs.
  ///   - folder: Holds them.
  /// - Throws: `RecordError`, naming file and line; `.otherPlan` for a folder that holds another plan's run,
  ///   or one on other data than the rest.
  public init(_ experiment: Experiment, in folder: ExperimentFolder) throws(RecordError) {
    var (records, missing): ([RunRecord], [TrainingPlan]) = ([], [])
    for plan in experiment.plans {
      let run = folder.run(plan)
      guard run.holdsRun else {
        missing.append(plan)
        continue
      }
      let record = try RunRecord(run)
      if let key = plan.firstDifference(from: record.plan) {
        throw .otherPlan(path: run.url.path, key: key)
      }
      try Self.check(record, in: run, against: records)
      records.append(record)
    }
    self.init(experiment, records: records, missing: missing)
  }

  /// Refuses a run on other data than earlier ones that name the same.
  static func check(_ record: RunRecord, in run: RunFolder, against others: [RunRecord])
    throws(RecordError)
  {
    let other = others.first { $0.plan.data == record.plan.data }
    guard other.map({ $0.provenance.data == record.provenance.data }) ?? true else {
      throw .otherPlan(path: run.url.path, key: "the contents of \(record.plan.data)")
    }
  }

  /// The verdict on each claim, in the experiment's order.
  public var verdicts: [Verdict] {
    experiment.claims.map { Verdict($0, on: records, missing: missing) }
  }

  /// Whether every run is done and every claim holds.
  public var isConfirmed: Bool {
    missing.isEmpty && records.allSatisfy { $0.status.status == .done }
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
    for figure in experiment.figures {
      let chart = figure.chart(of: records)
      for format in FigureFormat.allCases {
        let name = "\(figure.name).\(format.rawValue)"
        try RecordFiles.write(try chart.file(format), to: folder.file(name))
        names.append(name)
      }
    }
    return names
  }
}

extension Claim.Bound {
  /// The bound as a number, for a run.
  func value(for record: RunRecord) -> Double {
    switch self {
    case .inputDimension: Double(record.provenance.data.inputDimension)
    case .number(let number): number
    }
  }
}
