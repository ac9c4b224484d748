// A run, read back.

public import Foundation
import Messages
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

  /// Reads a run's folder.
  ///
  /// - Throws: `RecordError`, naming file and line.
  public init(_ folder: RunFolder) throws(RecordError) {
    plan = try folder.plan
    provenance = try folder.provenance
    status = try folder.status
    let url = folder.file("metrics.jsonl")
    let data: Data
    do {
      data = try Data(contentsOf: url)
    } catch {
      throw .unreadable(path: url.path, reason: systemReason(of: error))
    }
    var trainRows: [TrainRow] = []
    var testRows: [TestRow] = []
    var snapshots: [SnapshotRow] = []
    var ceiling: CeilingRow?
    // A process that was killed may have left half a line at the end; a resumed run has it whole.
    let whole = data.prefix((data.lastIndex(of: UInt8(ascii: "\n")) ?? -1) + 1)
    for (index, line) in whole.split(separator: UInt8(ascii: "\n")).enumerated() {
      switch try RecordFiles.decode(MetricsRow.self, Data(line), url: url, line: index + 1) {
      case .ceiling(let row): ceiling = row
      case .train(let row): trainRows.append(row)
      case .test(let row): testRows.append(row)
      case .snapshot(let row): snapshots.append(row)
      }
    }
    self.trainRows = trainRows
    self.testRows = testRows
    self.snapshots = snapshots
    self.ceiling = ceiling
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
  /// - Throws: `RecordError`.
  public var plan: TrainingPlan {
    get throws(RecordError) {
      let url = file("plan.json")
      let plan = try RecordFiles.readJSON(TrainingPlan.self, from: url)
      do {
        try plan.validate()
      } catch {
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

  /// How it stands.
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
