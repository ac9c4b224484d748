// The passes through a model: which buffer each value has, and the order of steps.

import ZerOLinearAlgebra

/// The steps of a pass through a model, and the buffers of its values and gradients.
///
/// An activation whose derivative follows from its output is computed in the buffer of the operation below, right after it, and a
/// residual addition in the buffer of a summand that nothing else reads.
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

    /// The buffer of the output; for an addition it may be that of an input.
    let output: Int

    /// The activation that follows in the same buffer.
    var activation: Activation?

    /// For each input, whether later steps have already written its gradient.
    var adds: [Bool] = []

    /// For each input, whether this step completes its gradient.
    var completes: [Bool] = []
  }

  /// The steps in the order of a forward pass.
  private(set) var steps: [Step] = []

  /// The number of rows of each buffer; buffer 0 is the input of the model.
  private(set) var features: [Int]

  /// The activation that was computed last in each buffer.
  private(set) var activations: [Activation?] = [nil]

  /// The axis of each buffer.
  private(set) var axes: [Int]

  /// The buffer of the model's output.
  private(set) var output = 0

  /// The position of each buffer's gradient among all gradients; those of buffers that are not needed at once share one.
  ///
  /// The gradients of dense operations stay, in the order of these operations; the input has none.
  private(set) var gradients: [Int] = []

  /// The number of rows of each gradient.
  private(set) var gradientFeatures: [Int] = []

  init(_ graph: ModelGraph) {
    var readers = [Int](repeating: 0, count: graph.shapes.count)
    for node in graph.nodes { for input in node.inputs { readers[input] += 1 } }
    features = [graph.inputs]
    axes = [graph.axes[0]]
    var buffers = [0]  // of each value
    for (index, node) in graph.nodes.enumerated() {
      // A value that only this node reads, of an operation that does not need it any more.
      let own = node.inputs.first { input in
        input > 0 && readers[input] == 1 && !(graph.nodes[input - 1].operation is Activation)
          && activations[buffers[input]] == nil
          && (node.operation is Activation || !(graph.nodes[input - 1].operation is Dense))
      }
      if let activation = node.operation as? Activation, activation.derivesFromOutput, let own,
        let step = steps.lastIndex(where: { $0.output == buffers[own] })
      {
        activations[buffers[own]] = activation
        steps[step].activation = activation
        buffers.append(buffers[own])
        continue
      }
      let isInPlace = node.operation is Addition && own != nil
      let buffer = isInPlace ? buffers[own ?? 0] : features.count
      steps.append(
        Step(
          operation: node.operation as? any StandaloneOperation, parameters: node.parameters,
          inputs: node.inputs.map { buffers[$0] }, shapes: node.inputs.map { graph.shapes[$0] },
          output: buffer))
      buffers.append(buffer)
      guard !isInPlace else { continue }
      features.append(graph.shapes[index + 1].features)
      axes.append(graph.axes[index + 1])
      activations.append(nil)
    }
    output = buffers[buffers.count - 1]
    orderGradients()
    placeGradients()
  }

  /// Finds which step writes each gradient first, and which completes it.
  private mutating func orderGradients() {
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
        let isOwn = input == steps[index].output
        completes.insert(!isComplete[input] && !isOwn, at: 0)
        if !isOwn { isComplete[input] = true }
      }
      steps[index].completes = completes
    }
  }

  /// Gives every gradient a place, in the order of a backward pass.
  private mutating func placeGradients() {
    gradients = features.map { _ in -1 }
    func place(_ buffer: Int, _ free: inout [Int]) {
      guard buffer > 0, gradients[buffer] < 0 else { return }
      if let index = free.firstIndex(where: { gradientFeatures[$0] == features[buffer] }) {
        gradients[buffer] = free.remove(at: index)
      } else {
        gradients[buffer] = gradientFeatures.count
        gradientFeatures.append(features[buffer])
      }
    }
    var free: [Int] = []
    for step in steps where step.operation == nil { place(step.output, &free) }
    place(output, &free)
    for (index, step) in steps.enumerated().reversed() {
      for input in step.inputs { place(input, &free) }
      // The first step that writes a buffer is the last to read its gradient.
      if step.operation != nil, step.output != output,
        !steps[..<index].contains(where: { $0.output == step.output })
      {
        free.append(gradients[step.output])
      }
    }
  }
}
