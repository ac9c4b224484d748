// The passes through a model: which buffer each value has, and the order of steps.

import ZerOLinearAlgebra

/// The steps of a pass through a model, and the buffers of its values.
///
/// An activation whose derivative follows from its output is computed in the buffer of the operation below, right after it.
struct GraphFlow: Sendable {
  /// One step: a node, with the activation that is computed in its buffer.
  struct Step: Sendable {
    /// The operation; `nil` for a dense one, which the network multiplies.
    let operation: (any StandaloneOperation)?

    /// The positions of the parameters.
    let parameters: Range<Int>

    /// The buffers of the inputs.
    let inputs: [Int]

    /// The sizes of the inputs.
    let shapes: [ValueShape]

    /// The buffer of the output.
    let output: Int

    /// For each input, whether later steps have already written its gradient.
    var adds: [Bool] = []

    /// For each input, whether this step completes its gradient.
    var completes: [Bool] = []
  }

  /// The steps in the order of a forward pass.
  private(set) var steps: [Step] = []

  /// The number of rows of each buffer; buffer 0 is the input of the model.
  private(set) var features: [Int]

  /// The activation in each buffer, beside the operation that writes it.
  private(set) var activations: [Activation?] = [nil]

  /// The axis of each buffer.
  private(set) var axes: [Int]

  /// The buffer of the model's output.
  private(set) var output = 0

  init(_ graph: ModelGraph) {
    var readers = [Int](repeating: 0, count: graph.shapes.count)
    for node in graph.nodes { for input in node.inputs { readers[input] += 1 } }
    features = [graph.inputs]
    axes = [graph.axes[0]]
    var buffers = [0]  // of each value
    for (index, node) in graph.nodes.enumerated() {
      let input = node.inputs[0]
      if let activation = node.operation as? Activation, activation.derivesFromOutput, input > 0,
        readers[input] == 1, !(graph.nodes[input - 1].operation is Activation)
      {
        activations[buffers[input]] = activation
        buffers.append(buffers[input])
        continue
      }
      buffers.append(features.count)
      steps.append(
        Step(
          operation: node.operation as? any StandaloneOperation, parameters: node.parameters,
          inputs: node.inputs.map { buffers[$0] }, shapes: node.inputs.map { graph.shapes[$0] },
          output: features.count))
      features.append(graph.shapes[index + 1].features)
      axes.append(graph.axes[index + 1])
      activations.append(nil)
    }
    output = buffers[buffers.count - 1]
    var isWritten = [Bool](repeating: false, count: features.count)
    for index in steps.indices.reversed() {
      for input in steps[index].inputs {
        steps[index].adds.append(isWritten[input])
        isWritten[input] = true
      }
    }
    var isComplete = [Bool](repeating: false, count: features.count)
    for index in steps.indices {
      // The last occurrence of an input is the last to be written.
      var completes: [Bool] = []
      for input in steps[index].inputs.reversed() {
        completes.insert(!isComplete[input], at: 0)
        isComplete[input] = true
      }
      steps[index].completes = completes
    }
  }
}
