import ZerOCheckpoints
import ZerOLinearAlgebra
import ZerONetworks
import ZerOTraining

/// Losses, gradients and updated parameters of the first measured updates.
///
/// The file contains, for the k-th measured update counted from 0, the tensor `k.loss` (one
/// element). For each parameter it contains `k.l1.weight` (after the update) and
/// `k.l1.weight.gradient` (of the mean loss, before the update). Each traced update needs twice the
/// memory of the network.
struct UpdateTrace {
  private var remaining: Int
  private var count = 0
  private(set) var tensors: [NamedTensor] = []

  /// Makes an empty trace.
  ///
  /// - Parameter limit: The number of measured updates to record; 0 for none.
  init(limit: Int) { remaining = limit }

  /// Records an update, unless the limit has been reached.
  mutating func record(
    _ step: TrainingStep, _ network: @autoclosure () -> Network<Float>,
    _ workspace: borrowing Workspace<Float>
  ) {
    guard remaining > 0 else { return }
    remaining -= 1
    let network = network()
    tensors.append(NamedTensor(name: "\(count).loss", vector: [Float(step.loss)]))
    tensors += network.namedTensors.map { $0.renamed("\(count).\($0.name)") }
    for (index, layer) in network.layers.enumerated() {
      let name = LayerName(index: index)
      let delta = workspace.gradients[index]
      var gradient = Matrix<Float>(
        repeating: 0, rows: layer.weight.rows, columns: layer.weight.columns)
      gradient.multiply(delta, by: workspace.activations[index], transposingRight: true)
      tensors.append(NamedTensor(name: "\(count).\(name.weight).gradient", matrix: gradient))
      guard layer.bias != nil else { continue }
      tensors.append(NamedTensor(name: "\(count).\(name.bias).gradient", vector: delta.rowSums()))
    }
    count += 1
  }
}
