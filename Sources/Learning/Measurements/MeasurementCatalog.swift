// Measurements, and the catalog that the command line and the experiments read.

import ZerOMessages

/// A quantity that is computed from a layer during training.
///
/// A measurement reads a layer and changes nothing.
public protocol LayerMeasurement: Sendable {
  /// Whether the measurement reads `MeasuredLayer.batch`; `false` unless stated.
  var needsBatch: Bool { get }

  /// Computes the values of a layer.
  ///
  /// - Parameter layer: The layer in its current state; it may cache intermediate results for other
  ///   measurements.
  /// - Returns: Finite values by tensor name, that of the layer's weight or bias: for example `["l3.weight": 56]`. The names
  ///   must be the same for every call on a layer.
  /// - Throws: `FactorizationError` if the weight contains a NaN or an infinity, or an error of the measurement's own,
  ///   which ends the run.
  func values<Scalar>(of layer: inout MeasuredLayer<Scalar>) throws -> [String: Double]
}

extension LayerMeasurement {
  /// Most measurements read weights only.
  public var needsBatch: Bool { false }
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

/// An error for the name of a measurement, or for a value that it returned.
public enum MeasurementError: Error, Equatable, CustomStringConvertible {
  /// No measurement of a catalog has this name.
  case unknownName(String, known: [String])

  /// Two measurements of a catalog would have this name, or a row of records has a field of this name.
  case nameTaken(String)

  /// A name that is not a letter followed by letters, digits and underscores.
  case invalidName(String)

  /// A value that is NaN or infinite.
  case notFinite(quantity: String, tensor: String)

  /// Values of other tensors than in the measurement before.
  case changedTensors(quantity: String)

  /// A value of a tensor that is not the layer's.
  case otherTensor(quantity: String, tensor: String, layer: String)

  /// The defect and its fix, in one line.
  public var description: String {
    switch self {
    case .unknownName(let name, let known):
      "unknown quantity '\(name)': " + suggestion(for: name, among: known)
    case .nameTaken(let name):
      "the quantity '\(name)' would be the second of this name in records; choose another name"
    case .invalidName(let name):
      "'\(name)' cannot name a quantity; use a letter, then letters, digits and underscores"
    case .notFinite(let quantity, let tensor):
      "\(quantity) of \(tensor) is not a finite number; let the measurement return one"
    case .changedTensors(let quantity):
      "\(quantity) returned values of other tensors than before; return the same names for every call on a layer"
    case .otherTensor(let quantity, let tensor, let layer):
      "\(quantity) returned a value of '\(tensor)' for the layer \(layer); return values of its weight or bias"
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
  /// - Throws: `MeasurementError.nameTaken` if a name occurs twice or is that of a field of rows; `.invalidName`.
  public func adding(_ more: MeasurementEntry...) throws(MeasurementError) -> MeasurementCatalog {
    var names = Set(choices).union(Self.fieldsOfRows)
    for entry in more {
      guard entry.name.isCatalogName else { throw .invalidName(entry.name) }
      guard names.insert(entry.name).inserted else { throw .nameTaken(entry.name) }
    }
    return MeasurementCatalog(entries + more)
  }

  /// The other keys of a row of `metrics.jsonl` beside which quantities are written.
  package static let fieldsOfRows: Set = [
    "kind", "epoch", "step", "iteration", "samples", "loss", "running_accuracy", "learning_rate",
  ]

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
      MeasurementEntry(
        name: "tap_rank",
        summary:
          "largest rank of W - W0 at one tap of a convolution kernel: singular values above 1e-4",
        measurement: TapRank()),
      MeasurementEntry(
        name: "distinct_units",
        summary: "units or channels whose weights differ in some bit",
        measurement: DistinctUnits(tolerance: 0)),
      MeasurementEntry(
        name: "separate_units",
        summary: "units or channels whose weights differ by more than 1e-4 of the largest weight",
        measurement: DistinctUnits(tolerance: 1e-4)),
    ] + QuantityFromStart.entries + SignalQuantity.entries)

  /// The names, in the order of listings.
  public var names: [String] { entries.map(\.name) }

  /// The name that stands for the rank and all other quantities of W − W₀.
  public static let group = "quantities"

  /// The names that a list of measurements accepts.
  public var choices: [String] { names + [Self.group] }

  /// Replaces the group by the names that it stands for, the package's own quantities of W − W₀.
  ///
  /// - Parameter choices: Names of measurements, or the group.
  /// - Returns: Names of measurements, without those of the group that are in the list already.
  public static func expanded(_ choices: [String]) -> [String] {
    choices.reduce(into: []) { expanded, choice in
      if choice == group {
        expanded += builtIn.names.filter {
          $0.hasSuffix("_from_start") && !choices.contains($0)
        }
      } else {
        expanded.append(choice)
      }
    }
  }

  /// Checks that the catalog contains all of some names.
  ///
  /// - Throws: `MeasurementError.unknownName`, whose text suggests the nearest name.
  public func check(_ names: [String]) throws(MeasurementError) {
    for name in names { _ = try entry(named: name) }
  }

  /// Finds a measurement by name.
  ///
  /// - Throws: `MeasurementError.unknownName`, whose text suggests the nearest name.
  public func entry(named name: String) throws(MeasurementError) -> MeasurementEntry {
    guard let entry = entries.first(where: { $0.name == name }) else {
      throw .unknownName(name, known: choices)
    }
    return entry
  }
}
