// Taking several measurements on a network at once.

public import LinearAlgebra
public import Networks
public import Parallelism

/// The measurements of one run, with what they compare with.
public struct Observation<Scalar: MatrixScalar>: Sendable {
  private let entries: [MeasurementEntry]
  private let start: MeasuredLayer<Scalar>

  /// Prepares measurements.
  ///
  /// - Parameters:
  ///   - quantities: Names of the catalogue.
  ///   - network: The initial network; its third layer is the one under observation.
  /// - Throws: `UnknownMeasurement`.
  public init(_ quantities: [String], from network: Network<Scalar>)
    throws(UnknownMeasurement)
  {
    var entries: [MeasurementEntry] = []
    for name in quantities { entries.append(try MeasurementCatalog.entry(named: name)) }
    self.entries = entries
    let layer = network.layers[Architecture.measuredLayer]
    start = MeasuredLayer(
      name: Architecture.layerName(Architecture.measuredLayer), weight: layer.weight,
      bias: layer.bias)
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
    let layer = network.layers[Architecture.measuredLayer]
    var now = start.updated(weight: layer.weight, bias: layer.bias, crew: crew)
    var values: [String: [String: Double]] = [:]
    for entry in entries { values[entry.name] = try entry.measurement.values(of: &now) }
    return values
  }
}
