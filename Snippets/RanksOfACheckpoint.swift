// The ranks of a run's model at the tolerance 1e-4, computed from Swift.

// snippet.ranks
import ZerOLab

let inspection = try await CheckpointInspection(
  try TensorArchive("runs/mine/model.safetensors"),
  TensorSelection(selected: [NamePattern("l3.*")]),
  try InspectionSettings(rule: .absolute(1e-4), baseline: try Baseline("identity")),
  on: WorkerPool(threads: 2))
for tensor in inspection.deficient(below: 0.99) { print(tensor.name) }  // l3.weight
// snippet.end
