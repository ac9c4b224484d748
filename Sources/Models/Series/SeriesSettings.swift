// The settings of a series' inspection, and their record beside its results.

public import ZerOCheckpoints
public import ZerOInspection
public import ZerOSpectra

/// The settings that determine the results of a series.
public struct SeriesSettings: Sendable {
  /// The matrix that is subtracted from every weight.
  public enum Start: Sendable {
    /// A baseline that does not depend on the series.
    case baseline(Baseline)

    /// The weight in the first checkpoint of the series.
    case first
  }

  /// The name of ``Start/first`` in options and records.
  public static let firstName = "first"

  /// The matrix that is subtracted.
  public let start: Start

  /// The tolerance above which a singular value counts.
  public let rule: ToleranceRule

  /// The matrices to rank.
  public let selection: TensorSelection

  /// The dimension of the leading singular subspaces that are compared with the start's; `nil` for no
  /// comparison.
  ///
  /// The start is the subtracted checkpoint, otherwise the first one of the series.
  public let overlap: Int?

  /// The layouts of a checkpoint's weights.
  public let layouts: @Sendable (TensorArchive) -> TensorLayouts

  /// Further settings that determine the results, by name; results with other ones are not reused.
  public let others: [String: String]

  /// Creates settings.
  ///
  /// - Parameters:
  ///   - start: The matrix that is subtracted.
  ///   - rule: The tolerance above which a singular value counts.
  ///   - selection: The matrices to rank.
  ///   - overlap: The dimension of the compared subspaces, at least 1.
  ///   - others: Further settings, by name, for the record beside the results.
  ///   - layouts: The layouts of a checkpoint's weights.
  public init(
    start: Start = .baseline(.nothing), rule: ToleranceRule = .numPy,
    selection: TensorSelection = TensorSelection(), overlap: Int? = nil,
    others: [String: String] = [:],
    layouts: @escaping @Sendable (TensorArchive) -> TensorLayouts = {
      TensorLayouts(metadata: $0.metadata)
    }
  ) {
    self.start = start
    self.rule = rule
    self.selection = selection
    self.overlap = overlap
    self.others = others
    self.layouts = layouts
  }

  /// The baseline that does not depend on the series; nothing for the first checkpoint.
  var baseline: Baseline {
    if case .baseline(let baseline) = start { baseline } else { .nothing }
  }

  /// Whether the matrix that is subtracted is in a checkpoint.
  var subtractsCheckpoint: Bool {
    switch start {
    case .first, .baseline(.archive): true
    case .baseline: false
    }
  }

  /// The settings by name, as `settings.json` records them.
  var record: [String: String] {
    var record = others
    switch start {
    case .first: record["minus"] = Self.firstName
    case .baseline(let baseline): record["minus"] = baseline.description
    }
    record["tolerance"] = rule.description
    record["overlap"] = overlap.map { "\($0)" }
    return record
  }
}
