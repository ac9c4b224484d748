// Which rows a run has, one after the other: all of it follows from its plan.

import Training

/// Follows the rows of a run, and finds those that are missing, doubled, out of order or another run's.
///
/// The ceiling comes first, where there is one; then the measured updates and, after the last of each epoch, its
/// test pass. Snapshots lie between them, in the order of their updates.
struct RowOrder {
  private let plan: TrainingPlan
  private let updatesPerEpoch: Int
  private let testCount: Int
  private let tensors: Set<String>

  private var rows = 0
  private var epoch = 1

  /// The step of the next measured update of the epoch; at the end of the epoch its test pass is next.
  private var step = 0

  /// The updates that had been made at the latest measured one.
  private var updates = 0

  /// The updates and the place of the latest snapshot.
  private var snapshot = (updates: -1, index: 0)

  /// What the first measured update has values of.
  private var measured: [String: Set<String>]?

  /// Whether a row has no measurement: weights that are no longer finite end a run.
  private var isOver = false

  /// What is wrong with a row.
  enum Fault: Error, Equatable {
    /// Rows before it are not there.
    case missing(String)

    /// The run has no such row, or not here.
    case foreign(String)
  }

  init(_ plan: TrainingPlan, on data: Provenance.Data) {
    self.plan = plan
    updatesPerEpoch = plan.updatesPerEpoch(sampleCount: data.counts.first ?? 0)
    testCount = data.counts.last ?? 0
    tensors = Set(plan.measuredWeights + plan.measuredBiases)
  }

  /// Whether every row of the run has come.
  var isComplete: Bool { epoch > plan.epochs && !isOver }

  /// How far the rows go, in words.
  var extent: String {
    "they end after \(epoch - 1) of \(plan.epochs) epochs and \(updates) of "
      + "\(plan.epochs * updatesPerEpoch) updates"
  }

  /// Takes the next row.
  mutating func accept(_ row: MetricsRow) throws(Fault) {
    defer { rows += 1 }
    guard !isOver else { throw .foreign("a row after the run's last one") }
    switch row {
    case .ceiling(let row): try accept(row)
    case .train(let row): try accept(row)
    case .test(let row): try accept(row)
    case .snapshot(let row): try accept(row)
    }
  }

  private func accept(_ row: CeilingRow) throws(Fault) {
    guard rows == 0 else { throw .foreign("a ceiling that is not the first row") }
    try check(Array(row.tensors.keys) + row.fromIdentity)
  }

  private mutating func accept(_ row: TrainRow) throws(Fault) {
    let name = "update \(row.iteration + 1)"
    guard row.iteration >= updates, row.epoch >= epoch else {
      throw .foreign("\(name) again, or out of order, after update \(updates)")
    }
    // Records of earlier versions have no row of the last update, unless it was due anyway.
    let isLast = epoch == plan.epochs && step >= updatesPerEpoch && row.step == updatesPerEpoch - 1
    guard row.epoch == epoch, row.step == step && step < updatesPerEpoch || isLast else {
      throw row.isDue(in: plan, updatesPerEpoch)
        ? .missing("rows between update \(updates) and \(name)")
        : .foreign("\(name), which this run does not measure")
    }
    guard row.iteration == (epoch - 1) * updatesPerEpoch + row.step,
      row.samples == row.step * plan.batchSize
    else { throw .foreign("\(name) with counts of another run") }
    if row.quantities.isEmpty, !plan.quantities.isEmpty {
      isOver = true
    } else {
      let found = row.quantities.mapValues { Set($0.keys) }
      guard Set(found.keys) == Set(plan.quantities), found == measured ?? found else {
        throw .foreign(
          "\(name) with " + row.quantities.keys.sorted().joined(separator: ", ")
            + " of other tensors or another run")
      }
      for tensors in found.values { try check(Array(tensors)) }
      measured = found
    }
    updates = row.iteration + 1
    step = row.step + plan.measureEvery
  }

  private mutating func accept(_ row: TestRow) throws(Fault) {
    guard row.epoch >= epoch else {
      throw .foreign("the test pass of epoch \(row.epoch) again, or out of order")
    }
    guard row.epoch == epoch, step >= updatesPerEpoch else {
      throw .missing("rows between update \(updates) and the test pass of epoch \(row.epoch)")
    }
    guard row.epoch <= plan.epochs, row.total == testCount else {
      throw .foreign("a test pass of epoch \(row.epoch) over \(row.total) images")
    }
    epoch += 1
    step = 0
  }

  private mutating func accept(_ row: SnapshotRow) throws(Fault) {
    guard let index = plan.measuredWeights.firstIndex(of: row.tensor),
      row.shape == [plan.width, plan.width]
    else { throw .foreign("a snapshot of \(row.tensor), \(row.shape)") }
    guard row.updates >= updates, (row.updates, index) > snapshot else {
      throw .foreign("the snapshot after \(row.updates) updates again, or out of order")
    }
    let next = (epoch - 1) * updatesPerEpoch + min(step, updatesPerEpoch)
    guard row.updates <= next else {
      throw .missing("rows between update \(updates) and the snapshot after \(row.updates)")
    }
    snapshot = (row.updates, index)
  }

  private func check(_ names: [String]) throws(Fault) {
    if let other = names.sorted().first(where: { !tensors.contains($0) }) {
      throw .foreign("a value of \(other), which this run does not measure")
    }
  }
}

extension TrainRow {
  /// Whether a run of a plan measures at this row's step.
  fileprivate func isDue(in plan: TrainingPlan, _ updatesPerEpoch: Int) -> Bool {
    (1...plan.epochs).contains(epoch) && (0..<updatesPerEpoch).contains(step)
      && plan.measures(step: step, of: epoch, updatesPerEpoch: updatesPerEpoch)
  }
}
