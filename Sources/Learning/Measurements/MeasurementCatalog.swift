// Measurements, and the catalog that the command line and the experiments read.

public import ZerOLinearAlgebra
import ZerOMessages

/// A quantity that is computed from a layer during training.
///
/// A measurement reads a layer and changes nothing.
public protocol LayerMeasurement: Sendable {
  /// Computes the values of a layer.
  ///
  /// - Parameter layer: The layer in its current state; it may cache intermediate results for other
  ///   measurements.
  /// - Returns: Values by tensor name, for example `["l3.weight": 56]`.
  /// - Throws: `FactorizationError` if the weight contains a NaN or an infinity.
  func values<Scalar>(of layer: inout MeasuredLayer<Scalar>) throws(FactorizationError)
    -> [String: Double]
}

/// A measurement with its name on the command line and in experiments.
public struct MeasurementEntry: Sendable {
  /// The name, unique in the catalog; also the key in records.
  public let name: String

  /// A one-line description for listings.
  public let summary: String

  /// The measurement.
  public let measurement: any LayerMeasurement

  /// Makes an entry.
  ///
  /// - Parameters:
  ///   - name: The name, which is the key in records.
  ///   - summary: A one-line description.
  ///   - measurement: The measurement.
  public init(name: String, summary: String, measurement: any LayerMeasurement) {
    self.name = name
    self.summary = summary
    self.measurement = measurement
  }
}

/// An error for the name of a measurement.
public enum MeasurementNameError: Error, Equatable, CustomStringConvertible {
  /// No measurement of a catalog has this name.
  case unknown(String, known: [String])

  /// Two measurements of a catalog would have this name.
  case taken(String)

  /// The defect and its fix, in one line.
  public var description: String {
    switch self {
    case .unknown(let name, let known):
      "unknown quantity '\(name)': " + suggestion(for: name, among: known)
    case .taken(let name):
      "the catalog has a quantity '\(name)' already; choose another name"
    }
  }
}

/// The quantities that plans and experiments may name.
///
/// A catalog is a value: ``builtIn`` never changes, and a program with measurements of its own passes a larger catalog to the
/// functions that need one.
public struct MeasurementCatalog: Sendable {
  /// The entries, in the order of listings.
  public let entries: [MeasurementEntry]

  private init(_ entries: [MeasurementEntry]) { self.entries = entries }

  /// The same catalog with more measurements at its end.
  ///
  /// - Parameter more: The entries to add.
  /// - Returns: The larger catalog.
  /// - Throws: `MeasurementNameError.taken` if a name occurs twice.
  public func adding(_ more: MeasurementEntry...) throws(MeasurementNameError)
    -> MeasurementCatalog
  {
    var names = Set(choices)
    for entry in more where !names.insert(entry.name).inserted { throw .taken(entry.name) }
    return MeasurementCatalog(entries + more)
  }

  /// The measurements of the package.
  public static let builtIn = MeasurementCatalog(
    [
      MeasurementEntry(
        name: "rank",
        summary: "rank(W - I): singular values above 1e-4, as in the reference notebook",
        measurement: RankFromIdentity()),
      MeasurementEntry(
        name: "rank_from_start",
        summary: "rank(W - W0): singular values above 1e-4, W0 the initial weight",
        measurement: RankFromStart()),
      MeasurementEntry(
        name: "copy_distance",
        summary:
          "divergence of identical units: the largest difference between corresponding elements of W - W0",
        measurement: CopyDistance()),
    ] + QuantityFromStart.entries)

  /// The names, in the order of listings.
  public var names: [String] { entries.map(\.name) }

  /// The name that stands for the rank and all other quantities of W − W₀.
  public static let group = "quantities"

  /// The names that a list of measurements accepts.
  public var choices: [String] { names + [Self.group] }

  /// Replaces the group by the names that it stands for.
  ///
  /// - Parameter choices: Names of measurements, or the group.
  /// - Returns: Names of measurements, without those of the group that are in the list already.
  public func expanded(_ choices: [String]) -> [String] {
    choices.reduce(into: []) { expanded, choice in
      if choice == Self.group {
        expanded += names.filter { $0.hasSuffix("_from_start") && !expanded.contains($0) }
      } else {
        expanded.append(choice)
      }
    }
  }

  /// Finds a measurement by name.
  ///
  /// - Throws: `MeasurementNameError.unknown`, whose text suggests the nearest name.
  public func entry(named name: String) throws(MeasurementNameError) -> MeasurementEntry {
    guard let entry = entries.first(where: { $0.name == name }) else {
      throw .unknown(name, known: choices)
    }
    return entry
  }
}
