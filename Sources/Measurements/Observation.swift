// Taking several measurements on a network at once.

public import LinearAlgebra
public import Networks
public import Parallelism

/// The measurements of one run, with what they compare with.
public struct Observation<Scalar: MatrixScalar>: Sendable {
  private let entries: [MeasurementEntry]
  private let starts: [(index: Int, layer: MeasuredLayer<Scalar>)]

  /// Prepares measurements.
  ///
  /// - Parameters:
  ///   - quantities: Names of the catalogue.
  ///   - network: The initial network; its layers between the second and the last are under
  ///     observation.
  /// - Throws: `UnknownMeasurement`.
  public init(_ quantities: [String], from network: Network<Scalar>)
    throws(UnknownMeasurement)
  {
    var entries: [MeasurementEntry] = []
    for name in quantities { entries.append(try MeasurementCatalog.entry(named: name)) }
    self.entries = entries
    let measured = Architecture.firstMeasuredLayer..<network.layers.count - 1
    starts = measured.map { index in
      let layer = network.layers[index]
      let name = Architecture.layerName(index)
      return (index, MeasuredLayer(name: name, weight: layer.weight, bias: layer.bias))
    }
  }

  /// Takes every measurement.
  ///
  /// - Parameters:
  ///   - network: The network now.
  ///   - crew: Shares the work.
  /// - Returns: By quantity, then by tensor.
  /// - Throws: `FactorizationError` when a weight holds a NaN or an infinity.
  public func values(of network: Network<Scalar>, crew: Crew = .alone)
    throws(FactorizationError) -> [String: [String: Double]]
  {
    var values: [String: [String: Double]] = [:]
    for layer in layers(of: network, crew) {
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
  ///   - network: The network now.
  ///   - crew: Shares the work.
  /// - Returns: A snapshot a layer.
  /// - Throws: `FactorizationError` when a weight holds a NaN or an infinity.
  /// - Complexity: A singular value decomposition without vectors for each reference, 8/3·n³.
  public func snapshots(of network: Network<Scalar>, crew: Crew = .alone)
    throws(FactorizationError) -> [LayerSnapshot]
  {
    var snapshots: [LayerSnapshot] = []
    for layer in layers(of: network, crew) { snapshots.append(try LayerSnapshot(layer)) }
    return snapshots
  }

  private func layers(of network: Network<Scalar>, _ crew: Crew) -> [MeasuredLayer<Scalar>] {
    starts.map { index, start in
      let layer = network.layers[index]
      return start.updated(weight: layer.weight, bias: layer.bias, crew: crew)
    }
  }
}
