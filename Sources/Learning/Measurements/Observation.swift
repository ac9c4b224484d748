public import ZerOLinearAlgebra
public import ZerONetworks
public import ZerOParallelism
public import ZerOSymmetry

/// The measurements of one run, with the network before training as reference.
public struct Observation<Scalar: MatrixScalar>: Sendable {
  private let entries: [MeasurementEntry]
  private let starts: [(index: Int, name: LayerName, layer: LayerQuotient<Scalar>)]

  /// Prepares measurements of a network that may be trained with symmetry reduction.
  ///
  /// - Parameters:
  ///   - quantities: Names in the catalog.
  ///   - measurements: The catalog.
  ///   - quotient: The network before training. The layers between the second and the last are
  ///     measured; a network of three layers or fewer has none, and all results are empty.
  /// - Throws: `MeasurementError.unknownName`.
  public init(
    _ quantities: [String], in measurements: MeasurementCatalog = .builtIn,
    from quotient: NetworkQuotient<Scalar>
  ) throws(MeasurementError) {
    var entries: [MeasurementEntry] = []
    for name in quantities { entries.append(try measurements.entry(named: name)) }
    self.entries = entries
    let first = Architecture.firstMeasuredLayer
    let measured = first..<max(first, quotient.layers.count - 1)
    starts = measured.map { ($0, LayerName(index: $0), quotient.layers[$0]) }
  }

  /// Prepares measurements of a network that is trained without symmetry reduction.
  ///
  /// - Parameters:
  ///   - quantities: Names in the catalog.
  ///   - measurements: The catalog.
  ///   - network: The network before training.
  /// - Throws: `MeasurementError.unknownName`.
  public init(
    _ quantities: [String], in measurements: MeasurementCatalog = .builtIn,
    from network: Network<Scalar>
  ) throws(MeasurementError) {
    let start = InitialNetwork(network)
    try self.init(
      quantities, in: measurements,
      from: NetworkQuotient(unreduced: start, classes: EquitablePartition(of: start)))
  }

  /// Computes every measurement.
  ///
  /// - Parameters:
  ///   - network: The network in its current state, as it is trained.
  ///   - team: The threads that share the work.
  /// - Returns: Values by quantity, then by tensor.
  /// - Throws: `FactorizationError` if a weight contains a NaN or an infinity; `MeasurementError` if a measurement
  ///   returned a value that is not finite, or not the layer's.
  public func values(of network: Network<Scalar>, team: ThreadTeam = .alone) throws
    -> [String: [String: Double]]
  {
    var values: [String: [String: Double]] = [:]
    for layer in layers(of: network, team) {
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
  ///   - team: The threads that share the work.
  /// - Returns: One snapshot per layer.
  /// - Throws: `FactorizationError` if a weight contains a NaN or an infinity.
  /// - Complexity: One singular value decomposition without vectors per reference, 8/3·n³.
  public func snapshots(of network: Network<Scalar>, team: ThreadTeam = .alone)
    throws(FactorizationError) -> [LayerSnapshot]
  {
    var snapshots: [LayerSnapshot] = []
    for layer in layers(of: network, team) { snapshots.append(try LayerSnapshot(layer)) }
    return snapshots
  }

  private func layers(of network: Network<Scalar>, _ team: ThreadTeam) -> [MeasuredLayer<Scalar>] {
    starts.map { index, name, start in
      MeasuredLayer(name: name, quotient: start, trained: network.layers[index], team: team)
    }
  }
}
