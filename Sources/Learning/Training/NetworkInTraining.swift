// The network of a training run, in the layout of the library that computes its products, with the states of the optimizer.

public import ZerOLinearAlgebra
public import ZerONetworks
public import ZerOOptimizers
public import ZerOParallelism
import ZerORequirements

/// A network that batches of some sizes update.
///
/// With libxsmm, the weights are in tiles during updates and in rows while they are read; only one of the two is in memory.
///
/// It is a class because a training loop and its observer share it; both use it from one thread.
public final class NetworkInTraining<Scalar: MatrixScalar> {
  /// A parameter with the states of the optimizer.
  fileprivate struct Parameter {
    /// The matrix in rows; without elements while it is in tiles.
    var rows: Matrix<Scalar>

    /// The weight in tiles; `nil` while it is in rows.
    var tiles: TiledMatrix<Scalar>?

    /// All states, each in the order of the tiles if libxsmm computes the products, one after the other.
    var states: ContiguousArray<Scalar>

    /// The code of the weight's products, by batch size; empty for vectors, and for all weights without libxsmm.
    var products: [Int: TiledProducts<Scalar>] = [:]

    /// α·δᵀ of the latest update with tiles, or the gradient of the latest one in rows.
    var scratch = Matrix<Scalar>(repeating: 0, rows: 0, columns: 0)

    /// α·Σδ of the latest update.
    var sums: ContiguousArray<Scalar> = []
  }

  /// The model.
  private let graph: ModelGraph

  /// The rule of the updates.
  private let optimizer: any Optimizer

  private var parameters: [Parameter]

  /// Whether libxsmm computes the products of dense operations.
  private let usesTiles: Bool

  /// The library that computes the products of convolutions.
  private let products: ProductLibrary

  private let team: ThreadTeam

  /// Converts a network if libxsmm computes the products.
  ///
  /// - Parameters:
  ///   - network: The network.
  ///   - optimizer: The rule of the updates.
  ///   - batchSizes: The numbers of samples of all batches.
  ///   - products: The library that computes the products, if it can for all batch sizes.
  ///   - team: The threads that share the conversions.
  public init(
    _ network: Network<Scalar>, optimizer: any Optimizer, batchSizes: Set<Int>,
    products: ProductLibrary = .current, team: ThreadTeam = .alone
  ) {
    graph = network.graph
    (self.team, self.products) = (team, products)
    self.optimizer = optimizer
    let stateCount = optimizer.stateNames.count
    parameters = network.parameters.map {
      Parameter(
        rows: $0, states: ContiguousArray(repeating: 0, count: stateCount * $0.elements.count))
    }
    var codes: [Int: [Int: TiledProducts<Scalar>]] = [:]
    if products == .libxsmm {
      for index in graph.denseWeights {
        let (m, n) = (network.parameters[index].rows, network.parameters[index].columns)
        for size in batchSizes {
          codes[index, default: [:]][size] = TiledProducts(rows: m, columns: n, samples: size)
        }
      }
    }
    usesTiles =
      products == .libxsmm && codes.values.allSatisfy { $0.count == batchSizes.count }
    guard usesTiles else { return }
    for (index, products) in codes { parameters[index].products = products }
  }

  /// The library that computes the products.
  package var library: ProductLibrary { usesTiles ? .libxsmm : .openBLAS }

  /// The network, which is converted into rows once after each update.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func callAsFunction() -> Network<Scalar> {
    for index in parameters.indices {
      guard let tiles = parameters[index].tiles else { continue }
      parameters[index].rows = tiles.matrix(team: team)
      parameters[index].tiles = nil
    }
    return Network(graph: graph, parameters: parameters.map(\.rows))
  }

  /// Converts the weights into tiles, if libxsmm computes the products and they are in rows.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func prepareTiles() {
    guard usesTiles else { return }
    for index in graph.denseWeights where parameters[index].tiles == nil {
      parameters[index].tiles = TiledMatrix(parameters[index].rows, team: team)
      parameters[index].rows = Matrix(repeating: 0, rows: 0, columns: 0)
    }
  }

  /// The network before the latest update, if `keepPrevious()` was called before it.
  public private(set) var previous: Network<Scalar>?

  /// The gradients of the latest update, before clipping, by position among the parameters: those of all trained parameters but the
  /// weights and biases of dense operations, whose gradients follow from the workspace.
  package private(set) var otherGradients: [(index: Int, gradient: ContiguousArray<Scalar>)] = []

  /// Keeps the network as `previous` over the next update.
  ///
  /// The weights stay in their layout, so the update has the same bits.
  package func keepPrevious() {
    previous = Network(
      graph: graph, parameters: parameters.map { $0.tiles?.matrix(team: team) ?? $0.rows })
  }

  // MARK: States

  /// The states of the optimizer, by name, each with one matrix per parameter of its shape.
  public var states: [String: [Matrix<Scalar>]] {
    let names = optimizer.stateNames
    return Dictionary(
      uniqueKeysWithValues: names.enumerated().map { state, name in
        (
          name,
          zip(graph.parameters, parameters).map { shape, parameter in
            let count = shape.rows * shape.columns
            let elements = ContiguousArray(parameter.states[state * count..<(state + 1) * count])
            guard !parameter.products.isEmpty else {
              return Matrix(rows: shape.rows, columns: shape.columns, elements: elements)
            }
            return TiledMatrix<Scalar>.matrix(
              rows: shape.rows, columns: shape.columns, tiles: elements, team: team)
          }
        )
      })
  }

  /// Replaces the states of the optimizer.
  ///
  /// - Parameter states: What `states` was; nothing leaves all states 0.
  package func load(_ states: [String: [Matrix<Scalar>]]) {
    guard !states.isEmpty else { return }
    for index in parameters.indices {
      parameters[index].states = []
      for name in optimizer.stateNames {
        guard let state = states[name]?[index] else {
          requirementFailure("no state \(name) of \(graph.parameters[index].name)")
        }
        parameters[index].states +=
          parameters[index].products.isEmpty
          ? state.elements : TiledMatrix(state, team: team).elements
      }
    }
  }

  // MARK: Updates

  /// Computes the activations of a training batch, and updates running statistics; see `Network.forward(_:)`.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func forward(_ workspace: inout Workspace<Scalar>) {
    prepareTiles()
    var statistics: [Int: ContiguousArray<Scalar>] = [:]
    workspace.forward(
      parameters: { parameters[$0].rows }, isTraining: true, library: products,
      statistics: { statistics[$0] = $1 }
    ) { index, inputs, outputs, team, finish in
      guard let tiles = parameters[index].tiles else {
        outputs.writeRows(team) { [weight = parameters[index].rows] block in
          block.multiply(weight, by: inputs)
          finish(block)
        }
        return
      }
      parameters[index].products(for: inputs).multiply(
        tiles, by: inputs, into: &outputs, team, finish: finish)
    }
    for (index, values) in statistics {
      parameters[index].rows = Matrix(rows: values.count, columns: 1, elements: values)
    }
  }

  /// Makes one update after `forward` and `computeLoss`.
  ///
  /// With z = W·x + b and δ = ∂L/∂z for each layer, from the last to the first,
  ///
  /// ```
  /// ∂L/∂x = Wᵀ·δ,   ∂L/∂W = δ·xᵀ,   ∂L/∂b = Σδ
  /// ```
  ///
  /// Each thread multiplies some elements of W into their part of Wᵀ·δ and then updates them, while they are in its cache. The
  /// gradient ∂L/∂W is not stored; δ and x stay in the workspace.
  ///
  /// - Parameters:
  ///   - rate: The learning rate.
  ///   - number: The number of the update, counted from 1.
  ///   - clip: The largest Euclidean norm of the gradient of all parameters; a longer one is scaled down to it. `nil` for any.
  ///   - workspace: The workspace; it contains every δ on return.
  /// - Complexity: 4·m·n·s floating-point operations per weight, half of that for a layer that reads the batch.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func step(
    rate: Double, number: Int, clip: Double? = nil, _ workspace: inout Workspace<Scalar>
  ) {
    // A network that was read after its forward pass is in rows, but its states are in the order of the tiles.
    prepareTiles()
    let rule = UpdateRule<Scalar>(optimizer, rate: rate, number: number, scale: 1)
    // Freed first, so the memory contains those of one update only.
    otherGradients = []
    // The gradients of other parameters are needed until the norm is known.
    var others: [(index: Int, gradient: ContiguousArray<Scalar>)] = []
    do {
      // Without the weights of dense operations, which would be copied when they are updated.
      let dense = Set(graph.denseWeights)
      let constants = parameters.enumerated().map {
        dense.contains($0) ? Matrix(repeating: 0, rows: 0, columns: 0) : $1.rows
      }
      workspace.backward(
        parameters: { constants[$0] }, library: products,
        dense: { gradients, parts, team in
          update(gradients, parts: &parts, team, rule: clip == nil ? rule : nil)
        },
        other: { others.append(($0, $1)) })
    }
    if let clip {
      let norm = gradientNorm(workspace, others)
      // PyTorch's clip_grad_norm_.
      let rule = UpdateRule<Scalar>(
        optimizer, rate: rate, number: number, scale: min(1, clip / (norm + 1e-6)))
      var none = Matrix<Scalar>(repeating: 0, rows: 0, columns: workspace.logits.columns)
      let team = workspace.team
      workspace.forEachDense { update($0, parts: &none, team, rule: rule) }
      for (index, gradient) in others { update(index, by: gradient, rule) }
    } else {
      for (index, gradient) in others { update(index, by: gradient, rule) }
    }
    otherGradients = others
  }

  /// Writes the summands of Wᵀ·δ, and then updates a weight and its bias, if there is a rule.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func update(
    _ gradients: Workspace<Scalar>.DenseGradients, parts: inout Matrix<Scalar>,
    _ team: ThreadTeam, rule: UpdateRule<Scalar>?
  ) {
    let index = gradients.weight
    if parameters[index].tiles != nil {
      parameters[index].updateTiles(gradients, parts: &parts, team, rule: rule)
    } else {
      parameters[index].updateRows(gradients, parts: &parts, team, rule: rule)
    }
    guard gradients.hasBias, let rule else { return }
    if parameters[index].tiles != nil {
      let sums = parameters[index].sums
      parameters[index + 1].update(byScaled: sums, rule)
    } else {
      update(index + 1, by: gradients.gradient.rowSums(), rule)
    }
  }

  /// Updates a parameter by its gradient.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func update(
    _ index: Int, by gradient: ContiguousArray<Scalar>, _ rule: UpdateRule<Scalar>
  ) {
    let scaled = rule.alpha == 1 ? gradient : ContiguousArray(gradient.map { rule.alpha * $0 })
    parameters[index].update(byScaled: scaled, rule, team)
  }

  /// The Euclidean norm of the gradient of all parameters, without ever forming that of a weight.
  ///
  /// ‖δ·xᵀ‖² = Σ (δᵀ·δ) ∘ (xᵀ·x), in double precision; a unit that stands for several counts as often.
  private func gradientNorm(
    _ workspace: borrowing Workspace<Scalar>,
    _ others: [(index: Int, gradient: ContiguousArray<Scalar>)]
  ) -> Double {
    var sum = 0.0
    func add(
      _ gradient: ContiguousArray<Scalar>, rows: ContiguousArray<Double>?,
      columns: ContiguousArray<Double>? = nil, taps: Int = 1, rowLength: Int = 1
    ) {
      for (index, value) in gradient.enumerated() {
        let count =
          (rows?[index / rowLength] ?? 1) * (columns?[index % rowLength / taps] ?? 1)
        sum += count * Double(value) * Double(value)
      }
    }
    workspace.forEachDense { gradients in
      let (rows, columns) = gradients.multiplicities
      sum += squaredNormOfProduct(
        gradients.gradient, gradients.inputs, rows: rows, columns: columns)
      if gradients.hasBias { add(gradients.gradient.rowSums(), rows: rows) }
    }
    for (index, gradient) in others {
      let parameter = graph.parameters[index]
      let numbers = graph.axes(of: parameter).prefix(2).map { graph.multiplicities[$0] }
      add(
        gradient, rows: numbers[0], columns: numbers.count > 1 ? numbers[1] : nil,
        taps: graph.taps(ofWeight: index), rowLength: parameter.columns)
    }
    return sum.squareRoot()
  }
}

extension NetworkInTraining.Parameter {
  /// The code for a batch.
  fileprivate func products(for inputs: Matrix<Scalar>) -> TiledProducts<Scalar> {
    guard let known = products[inputs.columns] else {
      requirementFailure("a batch of \(inputs.columns) samples, which was not announced")
    }
    return known
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  fileprivate mutating func updateTiles(
    _ gradients: Workspace<Scalar>.DenseGradients, parts: inout Matrix<Scalar>,
    _ team: ThreadTeam, rule: UpdateRule<Scalar>?
  ) {
    guard var weight = tiles else { return }
    tiles = nil  // so the elements are not copied
    let gradient = gradients.gradient
    if scratch.elements.count != gradient.elements.count { scratch = gradient }
    if sums.count != gradient.rows { sums = ContiguousArray(repeating: 0, count: gradient.rows) }
    var apply: (@Sendable (ElementUpdate<Scalar>) -> Void)?
    if let rule { unsafe apply = { unsafe rule($0) } }
    unsafe products(for: gradients.inputs).update(
      &weight, states: &states, gradient: gradient, factor: gradients.multipliedGradient,
      inputs: gradients.inputs, alpha: rule?.alpha ?? 1, scratch: &scratch, sums: &sums,
      parts: &parts, team, apply: apply)
    tiles = weight
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  fileprivate mutating func updateRows(
    _ gradients: Workspace<Scalar>.DenseGradients, parts: inout Matrix<Scalar>,
    _ team: ThreadTeam, rule: UpdateRule<Scalar>?
  ) {
    let (gradient, factor, inputs) = (
      gradients.gradient, gradients.multipliedGradient, gradients.inputs
    )
    let product = rule.flatMap { rule in rule.beta.map { (alpha: rule.alpha, beta: $0) } }
    @Sendable func update(_ block: borrowing RowBlock<Scalar>) {
      guard let product else { return }
      block.multiply(
        gradient, by: inputs, transposingRight: true, alpha: product.alpha, beta: product.beta)
    }
    if parts.rows == 0 {
      if product != nil { rows.writeRows(team) { update($0) } }
    } else {
      rows.writeRows(with: &parts, team) { block, part in
        part.multiply(transposing: block, by: factor)
        update(block)
      }
    }
    guard let rule, product == nil else { return }
    if scratch.elements.count != rows.elements.count {
      scratch = Matrix(repeating: 0, rows: rows.rows, columns: rows.columns)
    }
    scratch.writeRows(team) { block in
      block.multiply(gradient, by: inputs, transposingRight: true, alpha: rule.alpha)
    }
    unsafe rows.update(by: scratch, states: &states, team: team) { unsafe rule($0) }
  }

  /// Updates a parameter in rows.
  ///
  /// - Parameters:
  ///   - gradient: The gradient, multiplied by the rule's alpha.
  ///   - rule: The rule.
  ///   - team: The threads that share the rows.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  fileprivate mutating func update(
    byScaled gradient: ContiguousArray<Scalar>, _ rule: UpdateRule<Scalar>,
    _ team: ThreadTeam = .alone
  ) {
    let gradient = Matrix(rows: rows.rows, columns: rows.columns, elements: gradient)
    unsafe rows.update(by: gradient, states: &states, team: team) { unsafe rule($0) }
  }
}
