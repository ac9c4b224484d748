// Synthetic records.

import Foundation
import ZerORecords
import ZerOTraining

/// Makes a record with given ranks, one per 50 updates.
///
/// - Parameters:
///   - plan: The plan of the run.
///   - ranks: The ranks of the tensor, both of W - I and of W - W₀.
///   - tensor: The tensor with these ranks; `l3.weight`, if it is another tensor, has rank 1.
///   - status: The final state.
///   - snapshots: The snapshots of the weights.
///   - ceiling: The ceiling of the ranks.
/// - Returns: The record.
func record(
  _ plan: TrainingPlan, ranks: [Double], of tensor: String = "l3.weight",
  status: RunStatus.State = .done, snapshots: [SnapshotRow] = [],
  ceiling: CeilingRow? = nil
) -> RunRecord {
  let rows = ranks.enumerated().map { index, rank in
    let values = ["l3.weight": 1].merging([tensor: rank]) { $1 }
    return TrainingStep(
      epoch: 1, step: 50 * index, iteration: 50 * index, samples: 0, loss: 1, runningAccuracy: 0,
      learningRate: 0.1, quantities: ["rank": values, "rank_from_start": values])
  }
  let data = Provenance.Data(
    name: "small", sha256: [:], inputDimension: 12, classCount: 5, counts: [96, 20])
  return RunRecord(
    plan: plan, provenance: Provenance(data: data, commit: "test", started: .now),
    status: RunStatus(status, seconds: 1.25), trainRows: rows,
    testRows: [EpochTest(epoch: 1, loss: 0.5, correct: 15, total: 20)], snapshots: snapshots,
    ceiling: ceiling)
}
