import ZerODatasets
import ZerOLinearAlgebra
import ZerOMeasurements
import ZerONetworks
import ZerOParallelism
import ZerORecords
import ZerOSpectra
import ZerOTraining

/// Takes the snapshots of a run when they are due, and writes them.
struct SnapshotLog {
  private let plan: TrainingPlan
  private let sampleCount: Int
  private let observation: Observation<Float>
  private let team: ThreadTeam
  private let due: Set<Int>

  init(_ execution: RunExecution, _ observation: Observation<Float>, team: ThreadTeam) {
    plan = execution.plan
    sampleCount = execution.data.train.count
    self.observation = observation
    self.team = team
    due = Set(plan.snapshotUpdates(sampleCount: sampleCount))
  }

  /// Takes the snapshots at a position, if any are due.
  ///
  /// A weight that is not finite has no snapshot; training reports it.
  ///
  /// - Throws: `RecordError` if the rows cannot be written; `FactorizationError.noConvergence`.
  func take(
    of network: @autoclosure () -> Network<Float>, at position: TrainingPosition, into log: RunLog,
    report: (RunUpdate) -> Void
  ) throws {
    let updates = plan.updates(at: position, sampleCount: sampleCount)
    guard due.contains(updates) else { return }
    let snapshots: [LayerSnapshot]
    do {
      snapshots = try observation.snapshots(
        of: network(), startFactor: plan.startFactor(after: updates, sampleCount: sampleCount) ?? 1,
        team: team)
    } catch FactorizationError.notFinite {
      return
    }
    for snapshot in snapshots {
      let row = SnapshotRow(snapshot, updates: updates)
      try log.append(.snapshot(row))
      report(RunUpdate(plan: plan, news: .snapshot(row)))
    }
  }
}

extension SnapshotRow {
  init(_ snapshot: LayerSnapshot, updates: Int) {
    self.init(
      updates: updates, tensor: snapshot.tensor,
      shape: [snapshot.rows, snapshot.columns],
      spectra: Dictionary(
        uniqueKeysWithValues: snapshot.spectra.map { ($0.key.rawValue, Self.Spectrum($0.value)) }),
      map: Map(snapshot.map))
  }
}

extension SnapshotRow.Spectrum {
  fileprivate init(_ spectrum: ZerOSpectra.Spectrum) {
    let rank = spectrum.rank(above: NumericalRank.notebookTolerance)
    self.init(
      tolerance: rank.tolerance, rank: rank.rank, smallestAbove: rank.smallestAbove,
      largestBelow: rank.largestBelow, stableRank: spectrum.stableRank,
      effectiveRank: spectrum.effectiveRank,
      values: spectrum.values.map { Float(min($0, Double(Float.greatestFiniteMagnitude))) })
  }
}
