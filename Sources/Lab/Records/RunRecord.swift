// A run, read from its folder.

public import Foundation
public import ZerOTraining

/// The records of a run.
public struct RunRecord: Equatable, Sendable {
  /// The plan of the run.
  public let plan: TrainingPlan

  /// Machine, program and data.
  public let provenance: Provenance

  /// The status.
  public let status: RunStatus

  /// The measurements during training.
  public let trainRows: [TrainingStep]

  /// The test passes.
  public let testRows: [EpochTest]

  /// The snapshots, in the order of training.
  public let snapshots: [SnapshotRow]

  /// The ceilings of the measured ranks; `nil` for a run without measurements, and in old records.
  public let ceiling: CeilingRow?

  /// Makes a record from its parts.
  public init(
    plan: TrainingPlan, provenance: Provenance, status: RunStatus, trainRows: [TrainingStep],
    testRows: [EpochTest], snapshots: [SnapshotRow] = [], ceiling: CeilingRow? = nil
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
  ///   - withSnapshots: Whether to keep snapshots, which are most of the bytes. Otherwise they are decoded only if the
  ///     status states no checksum.
  ///   - select: Returns the part of a row to keep, `nil` for none. Memory contains one row and the kept parts. By
  ///     default every row is kept.
  /// - Throws: `RecordError` with file and line; `.incomplete` and `.notThisRuns` for a run that has ended with rows
  ///   that it did not write.
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

  /// Rows by kind.
  private struct Rows {
    var train: [TrainingStep] = []
    var test: [EpochTest] = []
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

  /// The values of a quantity in the order of training.
  ///
  /// - Parameters:
  ///   - quantity: For example `rank`, or the name of a `RunQuantity`.
  ///   - tensor: For example `l3.weight`; empty for a number of the whole run.
  /// - Returns: Numbers of updates, each with the value measured after them.
  public func series(_ quantity: String, of tensor: String) -> [(updates: Int, value: Double)] {
    if tensor.isEmpty, let quantity = RunQuantity(rawValue: quantity) { return series(quantity) }
    return trainRows.compactMap { row in
      row.quantities[quantity]?[tensor].map { (row.iteration + 1, $0) }
    }
  }
}

extension RunRecord {
  /// The values of a number of the whole run.
  private func series(_ quantity: RunQuantity) -> [(updates: Int, value: Double)] {
    let updatesPerEpoch = plan.updatesPerEpoch(
      sampleCount: provenance.data.counts.first ?? 0)
    return switch quantity {
    case .loss: trainRows.map { ($0.iteration + 1, $0.loss) }
    case .runningAccuracy: trainRows.map { ($0.iteration + 1, $0.runningAccuracy) }
    case .testLoss: testRows.map { ($0.epoch * updatesPerEpoch, $0.loss) }
    case .testAccuracy:
      testRows.map { ($0.epoch * updatesPerEpoch, 100 * Double($0.correct) / Double($0.total)) }
    }
  }
}

extension RunFolder {
  /// The plan of the run, checked to be valid; its initializer may be another program's.
  ///
  /// - Throws: `RecordError`.
  public var plan: TrainingPlan {
    get throws(RecordError) {
      let url = file("plan.json")
      let plan = try RecordFiles.readJSON(TrainingPlan.self, from: url)
      do {
        try plan.validate(initializers: nil)
      } catch {
        throw .malformed(path: url.path, line: nil, reason: error.description)
      }
      return plan
    }
  }

  /// Machine, program and data.
  ///
  /// - Throws: `RecordError`.
  public var provenance: Provenance {
    get throws(RecordError) {
      try RecordFiles.readJSON(Provenance.self, from: file("provenance.json"))
    }
  }

  /// The status; only `status.json` is read.
  ///
  /// - Throws: `RecordError`.
  public var status: RunStatus {
    get throws(RecordError) {
      try RecordFiles.readJSON(RunStatus.self, from: file("status.json"))
    }
  }

  /// The time of the latest row by the clock of its file system; `nil` without a row.
  public var lastRow: Date? {
    let values = try? file("metrics.jsonl").resourceValues(forKeys: [.contentModificationDateKey])
    return values?.contentModificationDate
  }
}
