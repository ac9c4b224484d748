// Buffers for the intermediate matrices of an update, so the training loop allocates none; and the passes that fill them.

public import ZerOLinearAlgebra
public import ZerOParallelism

/// The activations and gradients of one batch.
///
/// The type is noncopyable: an accidental copy would allocate memory, and writes to it would be
/// lost.
public struct Workspace<Scalar: MatrixScalar>: ~Copyable {
  /// The batch, and the values that the nodes compute, each features × samples.
  ///
  /// Element 0 is the batch. An activation whose derivative follows from its output shares the element of the layer below, so
  /// for a stack of dense layers with ReLU element l + 1 is the output of layer l. The last element is the logits.
  public var activations: [Matrix<Scalar>]

  /// ∂L/∂z of the dense operations, z before an activation that follows, and space for other gradients; empty before the first
  /// `computeLoss`.
  public var gradients: [Matrix<Scalar>] = []

  /// The summands of ∂L/∂x, per step.
  ///
  /// Each block of rows of a weight contributes one matrix of features × samples; they are stored
  /// one below the other. A layer that reads the batch needs none, because its inputs are data.
  private var inputGradientParts: [Matrix<Scalar>] = []

  /// The numbers that the forward pass of each step kept for the backward pass.
  private var kept: [ContiguousArray<Scalar>] = []

  /// The threads that share the work on these matrices.
  public let team: ThreadTeam

  /// The model.
  private let graph: ModelGraph
  private let flow: GraphFlow

  /// Allocates buffers for batches of a network.
  ///
  /// - Parameters:
  ///   - network: Determines the sizes.
  ///   - samples: s, the number of samples per batch.
  ///   - team: The threads that share the work; no result depends on them.
  public init(for network: Network<Scalar>, samples: Int, team: ThreadTeam = .alone) {
    self.team = team
    graph = network.graph
    flow = GraphFlow(graph)
    activations = []
    resize(samples: samples)
  }

  /// Reallocates the buffers if the batch size has changed.
  ///
  /// - Parameter samples: s.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public mutating func resize(samples: Int) {
    guard activations.first?.columns != samples else { return }
    activations = flow.features.map { Matrix(repeating: 0, rows: $0, columns: samples) }
  }

  /// The outputs of the model, classes × samples.
  public var logits: Matrix<Scalar> { activations[flow.output] }

  /// Computes the loss of the batch, and the gradient of the logits, from which the backward
  /// pass starts.
  ///
  /// - Parameters:
  ///   - labels: The classes of the batch.
  ///   - smoothing: The label smoothing, 0 to 1.
  /// - Returns: The loss before the update.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public mutating func computeLoss(labels: ContiguousArray<UInt8>, smoothing: Double = 0)
    -> BatchLoss
  {
    makeRoomForGradients()
    let last = flow.gradients[flow.output]
    let loss = SoftmaxCrossEntropy.loss(
      of: logits, labels: labels, smoothing: smoothing, gradient: &gradients[last])
    if let activation = flow.activations[flow.output] {
      let outputs = logits
      gradients[last].writeRows { activation.pullBack($0, at: outputs) }
    }
    return loss
  }

  private mutating func makeRoomForGradients() {
    let samples = logits.columns
    guard gradients.first?.columns != samples else { return }
    gradients = flow.gradientFeatures.map { Matrix(repeating: 0, rows: $0, columns: samples) }
    inputGradientParts = flow.steps.map { step in
      let needsParts = step.operation == nil && step.inputs[0] > 0
      let parts = needsParts ? Matrix<Scalar>.blockCount(rows: flow.features[step.output]) : 0
      return Matrix(repeating: 0, rows: parts * flow.features[step.inputs[0]], columns: samples)
    }
  }

  // MARK: Passes

  /// Multiplies a weight, at a position among the parameters, by its inputs, and calls a closure with every block of rows of the product.
  package typealias Product = (
    _ weight: Int, _ inputs: Matrix<Scalar>, _ outputs: inout Matrix<Scalar>, _ team: ThreadTeam,
    _ finish: @Sendable (borrowing RowBlock<Scalar>) -> Void
  ) -> Void

  /// Computes all activations.
  ///
  /// - Parameters:
  ///   - parameters: All parameters but the weights of dense operations, by position.
  ///   - isTraining: Whether the batch's own statistics normalize it.
  ///   - library: The library that computes the products of convolutions.
  ///   - statistics: Receives the positions of running statistics, and their new values.
  ///   - product: Computes the product of a weight of a dense operation.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package mutating func forward(
    parameters: (Int) -> Matrix<Scalar>, isTraining: Bool = false, library: ProductLibrary,
    statistics: (Int, ContiguousArray<Scalar>) -> Void = { _, _ in }, _ product: Product
  ) {
    if kept.isEmpty { kept = flow.steps.map { _ in [] } }
    for (index, step) in flow.steps.enumerated() {
      guard let operation = step.operation else {
        let bias =
          step.parameters.count > 1 ? parameters(step.parameters.lowerBound + 1).elements : nil
        let activation = step.activation
        product(
          step.parameters.lowerBound, multiplied(activations[step.inputs[0]], step.inputs[0]),
          &activations[step.output], team
        ) { block in
          if let bias { block.addToEachColumn(bias) }
          activation?.apply(to: block)
        }
        continue
      }
      let activation = step.activation
      if step.inputs.contains(step.output) {
        add(step, activation)
        continue
      }
      let pass = pass(of: step, parameters, isTraining: isTraining, library: library)
      let rest = operation.forward(pass, into: &activations[step.output]) { block in
        activation?.apply(to: block)
      }
      kept[index] = rest.kept
      for (place, values) in rest.statistics {
        statistics(step.parameters.lowerBound + place, values)
      }
    }
  }

  /// The gradients at one dense operation.
  package struct DenseGradients {
    /// The position of the weight among the parameters; the bias follows it.
    package let weight: Int

    /// Whether there is a bias.
    package let hasBias: Bool

    /// δ = ∂L/∂z, m × s.
    package let gradient: Matrix<Scalar>

    /// δ, each row multiplied by the number of units that it stands for: the factor of Wᵀ.
    package let multipliedGradient: Matrix<Scalar>

    /// x, n × s: ∂L/∂W is δ·xᵀ.
    package let inputs: Matrix<Scalar>

    /// The numbers of units that rows and columns stand for.
    package let multiplicities: (rows: ContiguousArray<Double>?, columns: ContiguousArray<Double>?)
  }

  /// Computes all gradients, from the last node to the first.
  ///
  /// - Parameters:
  ///   - parameters: All parameters but the weights of dense operations, by position.
  ///   - library: The library that computes the products of convolutions.
  ///   - dense: Receives the gradients at each dense operation, and writes the summands of Wᵀ·δ, unless they have no rows. It may
  ///     update the weight, but only after it has read it.
  ///   - other: Receives the position of each parameter of another operation, and its gradient.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package mutating func backward(
    parameters: (Int) -> Matrix<Scalar>, library: ProductLibrary,
    dense: (DenseGradients, _ parts: inout Matrix<Scalar>, ThreadTeam) -> Void,
    other: (Int, ContiguousArray<Scalar>) -> Void
  ) {
    for (index, step) in flow.steps.enumerated().reversed() {
      let gradient = gradients[flow.gradients[step.output]]
      if let operation = step.operation {
        let pass = pass(
          of: step, parameters, output: activations[step.output], kept: kept[index],
          isTraining: true, library: library)
        let found = operation.parameterGradients(pass, gradient: gradient)
        for (place, input) in step.inputs.enumerated() where input > 0 && input != step.output {
          let finish = finish(step, place)
          operation.backward(
            pass, gradient: gradient, parameterGradients: found, input: place,
            into: &gradients[flow.gradients[input]], adding: step.adds[place], finish: finish)
        }
        for (position, gradient) in zip(step.parameters, found) { other(position, gradient) }
        continue
      }
      let input = step.inputs[0]
      dense(
        denseGradients(step, gradient), &inputGradientParts[index], team)
      guard input > 0 else { continue }
      let (parts, adds, finish) = (inputGradientParts[index], step.adds[0], finish(step, 0))
      gradients[flow.gradients[input]].writeRows(team) { block in
        block.addUp(parts, adding: adds)
        finish(block)
      }
    }
  }

  /// Adds the other summand to the one in whose buffer the sum is computed.
  private mutating func add(_ step: GraphFlow.Step, _ activation: Activation?) {
    let others = step.inputs.filter { $0 != step.output }.map { activations[$0] }
    activations[step.output].writeRows(team) { block in
      for other in others { block.add(other) }
      activation?.apply(to: block)
    }
  }

  /// Visits the gradients at each dense operation, after a backward pass.
  ///
  /// - Parameter visit: Receives the gradients, from the first operation to the last.
  package func forEachDense(_ visit: (DenseGradients) throws -> Void) rethrows {
    for step in flow.steps where step.operation == nil {
      try visit(denseGradients(step, gradients[flow.gradients[step.output]]))
    }
  }

  /// The outputs of a layer after its activation, and of a convolution after its normalization too, as they are in memory.
  ///
  /// At the end of a residual branch they are the sum.
  ///
  /// - Parameter weight: The position of the weight among the parameters.
  /// - Returns: (Pixels · units) × samples, and the number of pixels; `nil` if no operation has the weight.
  package func output(ofWeight weight: Int) -> (matrix: Matrix<Scalar>, pixels: Int)? {
    guard var step = flow.steps.first(where: { $0.parameters.first == weight })
    else { return nil }
    let isConvolution = step.operation is Convolutional
    let units = graph.parameters[weight].rows
    while let next = flow.steps.first(where: {
      $0.inputs == [step.output]
        && ($0.operation is Activation
          || isConvolution && ($0.operation is BatchNormalization || $0.operation is Normalization))
    }) { step = next }
    let output = activations[step.output]
    return (output, isConvolution ? output.rows / units : 1)
  }

  private func denseGradients(_ step: GraphFlow.Step, _ gradient: Matrix<Scalar>) -> DenseGradients
  {
    let input = step.inputs[0]
    return DenseGradients(
      weight: step.parameters.lowerBound, hasBias: step.parameters.count > 1, gradient: gradient,
      multipliedGradient: input > 0 ? multiplied(gradient, step.output) : gradient,
      inputs: activations[input],
      multiplicities: (
        graph.multiplicities[flow.axes[step.output]], graph.multiplicities[flow.axes[input]]
      ))
  }

  /// The last step of a block of an input's gradient: the derivative of its activation.
  private func finish(_ step: GraphFlow.Step, _ place: Int)
    -> @Sendable (borrowing RowBlock<Scalar>) -> Void
  {
    let input = step.inputs[place]
    guard step.completes[place], let activation = flow.activations[input] else { return { _ in } }
    let outputs = activations[input]
    return { block in activation.pullBack(block, at: outputs) }
  }

  private func pass(
    of step: GraphFlow.Step, _ parameters: (Int) -> Matrix<Scalar>,
    output: Matrix<Scalar> = Matrix(repeating: 0, rows: 0, columns: 0),
    kept: ContiguousArray<Scalar> = [], isTraining: Bool, library: ProductLibrary
  ) -> OperationPass<Scalar> {
    OperationPass(
      inputs: step.inputs.map { activations[$0] }, parameters: step.parameters.map(parameters),
      output: output, kept: kept, shapes: step.shapes, isTraining: isTraining,
      multiplicities: graph.multiplicities[flow.axes[step.output]],
      inputMultiplicities: graph.multiplicities[flow.axes[step.inputs[0]]],
      library: library, team: team)
  }

  /// A value or gradient, each row multiplied by the number of units that it stands for.
  private func multiplied(_ matrix: Matrix<Scalar>, _ buffer: Int) -> Matrix<Scalar> {
    guard let numbers = graph.multiplicities[flow.axes[buffer]] else { return matrix }
    var matrix = matrix
    matrix.writeRows(team) { $0.multiplyEachRow(by: numbers) }
    return matrix
  }
}
