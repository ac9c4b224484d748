import ZerOInitializers
public import ZerOLinearAlgebra
public import ZerONetworks
public import ZerOParallelism
public import ZerOSymmetry

/// The measurements of one run, with the network before training as reference.
public struct Observation<Scalar: MatrixScalar>: Sendable {
  private let entries: [MeasurementEntry]
  private let layers: [Layer]

  /// A measured layer before training.
  private struct Layer: Sendable {
    let name: LayerName

    /// The position of the weight among the parameters; the bias follows it.
    let weight: Int
    let quotient: (weight: ParameterQuotient<Scalar>, bias: ParameterQuotient<Scalar>?)

    /// The shape of a convolution kernel.
    let kernel: KernelShape?
  }

  /// Prepares measurements of a network that may be trained with symmetry reduction.
  ///
  /// - Parameters:
  ///   - quantities: Names in the catalog.
  ///   - weights: The names of the measured weights, for example `l3.weight`; `nil` for those of all dense operations between the
  ///     second and the last.
  ///   - measurements: The catalog.
  ///   - quotient: The network before training.
  /// - Throws: `MeasurementError.unknownName`.
  public init(
    _ quantities: [String], of weights: [String]? = nil,
    in measurements: MeasurementCatalog = .builtIn, from quotient: NetworkQuotient<Scalar>
  ) throws(MeasurementError) {
    var entries: [MeasurementEntry] = []
    for name in quantities { entries.append(try measurements.entry(named: name)) }
    self.entries = entries
    let dense = quotient.graph.nodes.filter { $0.operation is Dense }.map {
      LayerName($0.name).weight
    }
    let chosen = Set(weights ?? Array(dense.dropFirst(2).dropLast()))
    layers = quotient.graph.nodes.compactMap { node in
      let (weight, name) = (node.parameters.lowerBound, LayerName(node.name))
      guard chosen.contains(name.weight), !node.parameters.isEmpty else { return nil }
      let shape = quotient.start.graph.parameters[weight].shape
      return Layer(
        name: name, weight: weight,
        quotient: (
          quotient.parameters[weight],
          node.parameters.count > 1 ? quotient.parameters[weight + 1] : nil
        ),
        kernel: shape.count > 2
          ? KernelShape(outputs: shape[0], inputs: shape[1], kernelSize: Array(shape[2...])) : nil)
    }
  }

  /// Prepares measurements of a network that is trained without symmetry reduction.
  ///
  /// - Parameters:
  ///   - quantities: Names in the catalog.
  ///   - weights: The names of the measured weights; `nil` for those between the second and the last.
  ///   - measurements: The catalog.
  ///   - network: The network before training.
  /// - Throws: `MeasurementError.unknownName`.
  public init(
    _ quantities: [String], of weights: [String]? = nil,
    in measurements: MeasurementCatalog = .builtIn, from network: Network<Scalar>
  ) throws(MeasurementError) {
    let start = InitialNetwork(network)
    try self.init(
      quantities, of: weights, in: measurements,
      from: NetworkQuotient(
        unreduced: start,
        classes: start.graph.supportsPartition ? EquitablePartition(of: start) : nil))
  }

  /// Computes every measurement.
  ///
  /// - Parameters:
  ///   - network: The network in its current state, as it is trained.
  ///   - startFactor: α, the factor by which weight decay has multiplied the initial weights.
  ///   - batches: The latest batch at each weight, by position among the parameters; empty before training.
  ///   - team: The threads that share the work.
  /// - Returns: Values by quantity, then by tensor.
  /// - Throws: `FactorizationError` if a weight contains a NaN or an infinity; `MeasurementError` if a measurement
  ///   returned a value that is not finite, or not the layer's.
  public func values(
    of network: Network<Scalar>, startFactor: Double = 1,
    batches: [Int: LayerBatch<Scalar>] = [:], team: ThreadTeam = .alone
  ) throws -> [String: [String: Double]] {
    var values: [String: [String: Double]] = [:]
    for layer in measured(network, startFactor, batches, team) {
      var now = layer
      for entry in entries {
        let found = try entry.measurement.values(of: &now)
        for (tensor, value) in found {
          guard value.isFinite else {
            throw MeasurementError.notFinite(quantity: entry.name, tensor: tensor)
          }
          guard tensor == now.name.weight || tensor == now.name.bias && now.bias != nil else {
            throw MeasurementError.otherTensor(
              quantity: entry.name, tensor: tensor, layer: now.name.description)
          }
        }
        values[entry.name, default: [:]].merge(found, uniquingKeysWith: { $1 })
      }
    }
    return values
  }

  /// Computes spectra and a map of every measured layer.
  ///
  /// - Parameters:
  ///   - network: The network in its current state, as it is trained.
  ///   - startFactor: α, the factor by which weight decay has multiplied the initial weights.
  ///   - team: The threads that share the work.
  /// - Returns: One snapshot per layer.
  /// - Throws: `FactorizationError` if a weight contains a NaN or an infinity.
  /// - Complexity: One singular value decomposition without vectors per reference, 8/3·n³.
  public func snapshots(
    of network: Network<Scalar>, startFactor: Double = 1, team: ThreadTeam = .alone
  ) throws(FactorizationError) -> [LayerSnapshot] {
    var snapshots: [LayerSnapshot] = []
    for layer in measured(network, startFactor, [:], team) {
      snapshots.append(try LayerSnapshot(layer))
    }
    return snapshots
  }

  private func measured(
    _ network: Network<Scalar>, _ startFactor: Double, _ batches: [Int: LayerBatch<Scalar>],
    _ team: ThreadTeam
  ) -> [MeasuredLayer<Scalar>] {
    layers.map { layer in
      MeasuredLayer(
        name: layer.name, quotient: layer.quotient,
        trained: (
          network.parameters[layer.weight],
          layer.quotient.bias == nil ? nil : network.parameters[layer.weight + 1]
        ), startFactor: startFactor, kernel: layer.kernel, batch: batches[layer.weight], team: team)
    }
  }

  /// The values and gradients of the latest batch at each measured layer.
  ///
  /// - Parameters:
  ///   - workspace: The workspace after an update.
  ///   - network: The network after the update, as it is trained.
  ///   - previous: The network before the update, if a quantity needs it.
  ///   - gradients: The gradients of the weights of convolutions, with their positions among the parameters.
  /// - Returns: The batches by position of the weight among the parameters; empty if no quantity needs one.
  public func batches(
    _ workspace: borrowing Workspace<Scalar>, network: Network<Scalar>, previous: Network<Scalar>?,
    gradients: [(index: Int, gradient: ContiguousArray<Scalar>)] = []
  ) -> [Int: LayerBatch<Scalar>] {
    guard entries.contains(where: { $0.measurement.needsBatch }) else { return [:] }
    var batches: [Int: LayerBatch<Scalar>] = [:]
    let counts = Dictionary(
      uniqueKeysWithValues: layers.map { ($0.weight, $0.quotient.weight.rows) })
    func add(
      _ weight: Int, _ gradient: LayerBatch<Scalar>.Gradient,
      _ multiplicities: (rows: ContiguousArray<Double>?, columns: ContiguousArray<Double>?)
    ) {
      guard let count = counts[weight], let outputs = workspace.output(ofWeight: weight) else {
        return
      }
      batches[weight] = LayerBatch(
        outputs: outputs.matrix, pixels: outputs.pixels, gradient: gradient,
        previousWeight: previous?.parameters[weight], weight: network.parameters[weight],
        unitCount: count, multiplicities: multiplicities)
    }
    workspace.forEachDense {
      add($0.weight, .factors($0.gradient, $0.inputs), $0.multiplicities)
    }
    let graph = network.graph
    for (weight, gradient) in gradients where graph.parameters[weight].role == .weight {
      let ends = graph.axes(of: graph.parameters[weight])
      let taps = graph.taps(ofWeight: weight)
      // The columns of a depthwise convolution are taps of one input.
      let columns = ends.dropFirst().first.flatMap { graph.multiplicities[$0] }.map { numbers in
        ContiguousArray(numbers.flatMap { [Double](repeating: $0, count: taps) })
      }
      add(weight, .elements(gradient), (graph.multiplicities[ends[0]], columns))
    }
    return batches
  }
}
