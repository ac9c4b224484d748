// A run, read back.

public import Foundation
public import Training

/// Everything that a run left behind.
public struct RunRecord: Equatable, Sendable {
  /// What determined the run.
  public let plan: TrainingPlan

  /// Where its numbers come from.
  public let provenance: Provenance

  /// How it ended.
  public let status: RunStatus

  /// The measurements during training.
  public let trainRows: [TrainRow]

  /// The test passes.
  public let testRows: [TestRow]

  /// The measured layers in full, at a few moments, in the order of training.
  public let snapshots: [SnapshotRow]

  /// How far the measured ranks can get; `nil` for a run that measures nothing, and in old records.
  public let ceiling: CeilingRow?

  /// Makes a record from its parts.
  public init(
    plan: TrainingPlan, provenance: Provenance, status: RunStatus, trainRows: [TrainRow],
    testRows: [TestRow], snapshots: [SnapshotRow] = [], ceiling: CeilingRow? = nil
  ) {
    self.plan = plan
    self.provenance = provenance
    self.status = status
    self.trainRows = trainRows
    self.testRows = testRows
    self.snapshots = snapshots
    self.ceiling = ceiling
  }

  /// Reads a run's folder, row by row.
  ///
  /// - Parameters:
  ///   - folder: The run's folder.
  ///   - withSnapshots: Whether snapshots are wanted, most of the bytes. Where they are not, they are decoded only if
  ///     the status states no checksum.
  ///   - select: What is kept of a row, `nil` for nothing: memory holds one row and what is kept. By default
  ///     everything is.
  /// - Throws: `RecordError`, naming file and line; `.incomplete` and `.notThisRuns` for a run that has ended and
  ///   whose rows are not those that it wrote.
  public init(
    _ folder: RunFolder, withSnapshots: Bool = true,
    keeping select: (MetricsRow) -> MetricsRow? = { $0 }
  ) throws(RecordError) {
    plan = try folder.plan
    provenance = try folder.provenance
    var status = try folder.status
    var rows = Rows()
    while true {
      do {
        rows = Rows()
        try folder.readRows(
          of: plan, on: provenance.data, against: status, withSnapshots: withSnapshots
        ) { row in
          if let row = select(row) { rows.append(row) }
        }
        break
      } catch {
        // A run that was interrupted may have been resumed since its status was read.
        let current = try folder.status
        guard current != status else { throw error }
        status = current
      }
    }
    self.status = status
    trainRows = rows.train
    testRows = rows.test
    snapshots = rows.snapshots
    ceiling = rows.ceiling
  }

  /// Rows by their kind.
  private struct Rows {
    var train: [TrainRow] = []
    var test: [TestRow] = []
    var snapshots: [SnapshotRow] = []
    var ceiling: CeilingRow?

    mutating func append(_ row: MetricsRow) {
      switch row {
      case .ceiling(let row): ceiling = row
      case .train(let row): train.append(row)
      case .test(let row): test.append(row)
      case .snapshot(let row): snapshots.append(row)
      }
    }
  }

  /// The values of a quantity over training, in order of the iterations.
  ///
  /// - Parameters:
  ///   - quantity: For example `rank`.
  ///   - tensor: For example `l3.weight`.
  /// - Returns: The number of updates made, and the value measured then.
  public func series(_ quantity: String, of tensor: String) -> [(updates: Int, value: Double)] {
    trainRows.compactMap { row in
      row.quantities[quantity]?[tensor].map { (row.iteration + 1, $0) }
    }
  }
}

extension RunFolder {
  /// What determined the run that began here, a plan that can be carried out.
  ///
  /// - Throws: `RecordError`; `.otherBuild` for an initializer that this build doesn't know.
  public var plan: TrainingPlan {
    get throws(RecordError) {
      let url = file("plan.json")
      let plan = try RecordFiles.readJSON(TrainingPlan.self, from: url)
      do {
        try plan.validate()
      } catch {
        if let name = error.unknownInitializer {
          throw .otherBuild(path: url.path, reason: "it has no initializer '\(name)'")
        }
        throw .malformed(path: url.path, line: nil, reason: error.description)
      }
      return plan
    }
  }

  /// Where its numbers come from.
  ///
  /// - Throws: `RecordError`.
  public var provenance: Provenance {
    get throws(RecordError) {
      try RecordFiles.readJSON(Provenance.self, from: file("provenance.json"))
    }
  }

  /// How it stands: `status.json` alone is read, however many rows there are.
  ///
  /// - Throws: `RecordError`.
  public var status: RunStatus {
    get throws(RecordError) {
      try RecordFiles.readJSON(RunStatus.self, from: file("status.json"))
    }
  }

  /// When the latest row came, by the clock of the disk that it lies on; `nil` where there is none.
  public var lastRow: Date? {
    let values = try? file("metrics.jsonl").resourceValues(forKeys: [.contentModificationDateKey])
    return values?.contentModificationDate
  }
}
