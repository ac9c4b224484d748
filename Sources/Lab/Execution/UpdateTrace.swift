import ZerOCheckpoints
import ZerOLinearAlgebra
import ZerONetworks
import ZerOTraining

/// Losses, gradients and updated parameters of the first measured updates.
///
/// The file contains, for the k-th measured update counted from 0, the tensor `k.loss` (one
/// element). For each parameter it contains `k.l1.weight` (after the update), the optimizer's states such as
/// `k.optimizer.momentum_buffer.l1.weight`, and
/// `k.l1.weight.gradient` (of the mean loss, before the update and before clipping, of weights and biases only). Each traced update needs twice the
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
    _ step: TrainingStep, _ network: NetworkInTraining<Float>,
    _ workspace: borrowing Workspace<Float>
  ) {
    guard remaining > 0 else { return }
    remaining -= 1
    let trained = network
    let network = trained()
    tensors.append(NamedTensor(name: "\(count).loss", vector: [Float(step.loss)]))
    let all = TrainedTensors(network, states: trained.states)
    tensors += all.namedTensors.map { $0.renamed("\(count).\($0.name)") }
    let names = network.graph.parameters.map(\.name)
    workspace.forEachDense { gradients in
      let (delta, weight) = (gradients.gradient, gradients.weight)
      var gradient = Matrix<Float>(
        repeating: 0, rows: delta.rows, columns: gradients.inputs.rows)
      gradient.multiply(delta, by: gradients.inputs, transposingRight: true)
      tensors.append(NamedTensor(name: "\(count).\(names[weight]).gradient", matrix: gradient))
      guard gradients.hasBias else { return }
      tensors.append(
        NamedTensor(name: "\(count).\(names[weight + 1]).gradient", vector: delta.rowSums()))
    }
    count += 1
  }
}
