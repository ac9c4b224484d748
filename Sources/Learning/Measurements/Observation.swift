// Taking several measurements on a network at once.

public import LinearAlgebra
public import Networks
public import Parallelism
public import Symmetry

/// The measurements of one run, with what they compare with.
public struct Observation<Scalar: MatrixScalar>: Sendable {
  private let entries: [MeasurementEntry]
  private let starts: [(index: Int, name: String, layer: LayerQuotient<Scalar>)]

  /// Prepares measurements.
  ///
  /// - Parameters:
  ///   - quantities: Names of the catalog.
  ///   - quotient: The network before training, folded or not. Its layers between the second and the last are
  ///     measured; a network of three layers or fewer has none, and all results are empty.
  /// - Throws: `UnknownMeasurement`.
  public init(_ quantities: [String], from quotient: NetworkQuotient<Scalar>)
    throws(UnknownMeasurement)
  {
    var entries: [MeasurementEntry] = []
    for name in quantities { entries.append(try MeasurementCatalog.entry(named: name)) }
    self.entries = entries
    let first = Architecture.firstMeasuredLayer
    let measured = first..<max(first, quotient.layers.count - 1)
    starts = measured.map { ($0, Architecture.layerName($0), quotient.layers[$0]) }
  }

  /// Prepares measurements on a network that is trained as it is.
  ///
  /// - Parameters:
  ///   - quantities: Names of the catalog.
  ///   - network: The network before training.
  /// - Throws: `UnknownMeasurement`.
  public init(_ quantities: [String], from network: Network<Scalar>) throws(UnknownMeasurement) {
    let start = InitialNetwork(network)
    try self.init(
      quantities,
      from: NetworkQuotient(unfolded: start, copies: EquitablePartition(of: start)))
  }

  /// Takes every measurement.
  ///
  /// - Parameters:
  ///   - network: The network now, as it is trained: the quotient, where it is folded.
  ///   - team: Shares the work.
  /// - Returns: By quantity, then by tensor.
  /// - Throws: `FactorizationError` when a weight holds a NaN or an infinity.
  public func values(of network: Network<Scalar>, team: ThreadTeam = .alone)
    throws(FactorizationError) -> [String: [String: Double]]
  {
    var values: [String: [String: Double]] = [:]
    for layer in layers(of: network, team) {
      var now = layer
      for entry in entries {
        let found = try entry.measurement.values(of: &now)
        values[entry.name, default: [:]].merge(found, uniquingKeysWith: { $1 })
      }
    }
    return values
  }

  /// Looks at every measured layer in full.
  ///
  /// - Parameters:
  ///   - network: The network now, as it is trained: the quotient, where it is folded.
  ///   - team: Shares the work.
  /// - Returns: A snapshot a layer.
  /// - Throws: `FactorizationError` when a weight holds a NaN or an infinity.
  /// - Complexity: A singular value decomposition without vectors for each reference, 8/3·n³.
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
