// THE list of measurements: the command line and the experiments read it.

import Messages

/// A measurement under the name that users type.
public struct MeasurementEntry: Sendable {
  /// The name, unique in the catalog; also the key in records.
  public let name: String

  /// One line for listings: what is measured.
  public let summary: String

  /// The measurement itself.
  public let measurement: any Measurement
}

/// A measurement that doesn't exist.
public struct UnknownMeasurement: Error, Equatable, CustomStringConvertible {
  /// Makes the error for a name.
  public init(name: String) { self.name = name }

  /// What was asked for.
  public let name: String

  /// The error and its mend, in one line.
  public var description: String {
    "unknown quantity '\(name)': " + suggestion(for: name, among: MeasurementCatalog.names)
  }
}

/// Everything that can be measured during training.
public enum MeasurementCatalog {
  /// The entries, in the order of listings.
  public static let entries: [MeasurementEntry] = [
    MeasurementEntry(
      name: "rank", summary: "singular values of W - I above 1e-4, as the notebook",
      measurement: RankFromIdentity()),
    MeasurementEntry(
      name: "rank_from_start", summary: "singular values of W - its start above 1e-4",
      measurement: RankFromStart()),
    MeasurementEntry(
      name: "copy_distance",
      summary: "largest difference of elements of W - its start that copies make equal",
      measurement: CopyDistance()),
  ]

  /// The names, in the order of listings.
  public static var names: [String] { entries.map(\.name) }

  /// Looks a measurement up.
  ///
  /// - Throws: `UnknownMeasurement`, whose text suggests the nearest name.
  public static func entry(named name: String) throws(UnknownMeasurement) -> MeasurementEntry {
    guard let entry = entries.first(where: { $0.name == name }) else {
      throw UnknownMeasurement(name: name)
    }
    return entry
  }
}
