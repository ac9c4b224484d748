import ZerOCheckpoints
import ZerOLinearAlgebra
import ZerONetworks
import ZerOTraining

/// Losses, gradients and updated parameters of the first measured updates.
///
/// The file contains, for the k-th measured update counted from 0, the tensor `k.loss` (one
/// element). For each parameter it contains `k.l1.weight` (after the update), the optimizer's states such as
/// `k.optimizer.momentum_buffer.l1.weight`, and
/// `k.l1.weight.gradient` (of the mean loss, before the update and before clipping). Running statistics have no gradient and no
/// states. Each traced update needs twice the memory of the network.
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
    let parameters = network.graph.parameters
    tensors += network.namedTensors.map { $0.renamed("\(count).\($0.name)") }
    for (name, values) in trained.states.sorted(by: { $0.key < $1.key }) {
      let states = network.graph.namedTensors(
        values, prefix: "\(count).\(TrainedTensors.prefix(name))")
      tensors += zip(parameters, states).filter(\.0.role.isTrained).map(\.1)
    }
    func addGradient(_ values: ContiguousArray<Float>, of index: Int) {
      tensors.append(
        NamedTensor(
          name: "\(count).\(parameters[index].name).gradient", shape: parameters[index].shape,
          values: values))
    }
    for (index, gradient) in trained.otherGradients { addGradient(gradient, of: index) }
    workspace.forEachDense { gradients in
      let (delta, weight) = (gradients.gradient, gradients.weight)
      var gradient = Matrix<Float>(
        repeating: 0, rows: delta.rows, columns: gradients.inputs.rows)
      gradient.multiply(delta, by: gradients.inputs, transposingRight: true)
      addGradient(gradient.elements, of: weight)
      if gradients.hasBias { addGradient(delta.rowSums(), of: weight + 1) }
    }
    count += 1
  }
}
