// The rows of a run in their order, which follows from the plan.

import ZerOMessages
import ZerONetworks
import ZerOTraining

/// Checks the rows of a run for missing, doubled and misplaced rows and for rows of another run.
///
/// The optional ceiling is the first row. The measured updates follow, with a test pass after the last update of each
/// epoch. Snapshots are between them, in the order of their updates.
struct RowOrder {
  private let plan: TrainingPlan
  private let updatesPerEpoch: Int
  private let testCount: Int
  /// The names of the measured weights.
  private let weights: [String]

  /// The shape of each parameter.
  private let shapes: [String: [Int]]

  private let tensors: Set<String>

  private var rows = 0
  private var epoch = 1

  /// The step of the next measured update of the epoch; at the end of the epoch the test pass is next.
  private var step = 0

  /// The number of updates at the latest measured one.
  private var updates = 0

  /// The number of updates and the layer of the latest snapshot.
  private var snapshot = (updates: -1, index: 0)

  /// The tensors of each quantity in the first measured update.
  private var measured: [String: Set<String>]?

  /// Whether a row had no measurement: weights that are not finite end a run.
  private var isOver = false

  /// The defect of a row.
  enum Fault: Error, Equatable {
    /// Earlier rows are missing.
    case missing(String)

    /// The run has no such row at this place.
    case foreign(String)
  }

  init(_ plan: TrainingPlan, on data: Provenance.Data) {
    self.plan = plan
    updatesPerEpoch = plan.updatesPerEpoch(sampleCount: data.counts.first ?? 0)
    testCount = data.counts.last ?? 0
    weights = plan.measuredWeights
    tensors = Set(weights + plan.measuredBiases)
    let parameters =
      (try? plan.model(
        input: data.input, classCount: max(1, data.classCount)
      ).graph.parameters) ?? []
    // A kernel is recorded as the matrix of its outputs × inputs and taps.
    shapes = Dictionary(
      parameters.map { ($0.name, $0.shape.count > 2 ? [$0.rows, $0.columns] : $0.shape) },
      uniquingKeysWith: { $1 })
  }

  /// Whether all rows of the run have been accepted.
  var isComplete: Bool { epoch > plan.epochs && !isOver }

  /// The end of the rows in words.
  var extent: String {
    "they end after \(epoch - 1) of \(plan.epochs) epochs and \(updates) of "
      + "\(plan.epochs * updatesPerEpoch) updates"
  }

  /// Checks the next row.
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

  private mutating func accept(_ row: TrainingStep) throws(Fault) {
    let name = "update \(row.iteration + 1)"
    guard row.iteration >= updates, row.epoch >= epoch else {
      throw .foreign("duplicate or out of order: \(name) after update \(updates)")
    }
    // Records of earlier versions lack the last update unless the interval ends there.
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

  private mutating func accept(_ row: EpochTest) throws(Fault) {
    guard row.epoch >= epoch else {
      throw .foreign("duplicate or out of order: the test pass of epoch \(row.epoch)")
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
    guard let index = weights.firstIndex(of: row.tensor), row.shape == shapes[row.tensor]
    else { throw .foreign("a snapshot of \(row.tensor), \(row.shape)") }
    guard row.updates >= updates, (row.updates, index) > snapshot else {
      throw .foreign(
        "duplicate or out of order: the snapshot after \(counted(row.updates, "update"))")
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

extension TrainingStep {
  /// Whether a run of the plan measures this update.
  fileprivate func isDue(in plan: TrainingPlan, _ updatesPerEpoch: Int) -> Bool {
    (1...plan.epochs).contains(epoch) && (0..<updatesPerEpoch).contains(step)
      && plan.measures(step: step, of: epoch, updatesPerEpoch: updatesPerEpoch)
  }
}
