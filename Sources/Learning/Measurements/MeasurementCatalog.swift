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
}

/// An error for a measurement that does not exist.
public struct UnknownMeasurement: Error, Equatable, CustomStringConvertible {
  /// Makes the error for a name.
  public init(name: String) { self.name = name }

  /// The requested name.
  public let name: String

  /// The defect and its fix, in one line.
  public var description: String {
    "unknown quantity '\(name)': " + suggestion(for: name, among: MeasurementCatalog.choices)
  }
}

/// All quantities that can be measured during training.
public enum MeasurementCatalog {
  /// The entries, in the order of listings.
  public static let entries: [MeasurementEntry] =
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
    ] + QuantityFromStart.entries

  /// The names, in the order of listings.
  public static var names: [String] { entries.map(\.name) }

  /// The name that stands for the rank and all other quantities of W − W₀.
  public static let group = "quantities"

  /// The names that a list of measurements accepts.
  public static var choices: [String] { names + [group] }

  /// Replaces the group by the names that it stands for.
  ///
  /// - Parameter choices: Names of measurements, or the group.
  /// - Returns: Names of measurements, without those of the group that are in the list already.
  /// - Throws: `UnknownMeasurement`, whose text suggests the nearest name.
  public static func expanded(_ choices: [String]) throws(UnknownMeasurement) -> [String] {
    var expanded: [String] = []
    for choice in choices {
      if choice == group {
        expanded += names.filter { $0.hasSuffix("_from_start") && !expanded.contains($0) }
      } else {
        expanded.append(try entry(named: choice).name)
      }
    }
    return expanded
  }

  /// Finds a measurement by name.
  ///
  /// - Throws: `UnknownMeasurement`, whose text suggests the nearest name.
  public static func entry(named name: String) throws(UnknownMeasurement) -> MeasurementEntry {
    guard let entry = entries.first(where: { $0.name == name }) else {
      throw UnknownMeasurement(name: name)
    }
    return entry
  }
}
