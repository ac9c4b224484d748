// The rows of metrics.jsonl.

public import Training

/// A row of `metrics.jsonl`.
public enum MetricsRow: Equatable, Sendable {
  /// The ceilings, before the first update.
  case ceiling(CeilingRow)

  /// A measured update.
  case train(TrainingStep)

  /// The test pass after an epoch.
  case test(EpochTest)

  /// A snapshot of one layer.
  case snapshot(SnapshotRow)
}

extension MetricsRow: Codable {
  private enum Kind: String, Codable {
    case ceiling, train, test, snapshot
  }

  private enum KindKey: String, CodingKey {
    case kind
  }

  /// Reads a row by its `kind`.
  ///
  /// - Throws: `DecodingError` for a row of another form.
  public init(from decoder: any Decoder) throws {
    switch try decoder.container(keyedBy: KindKey.self).decode(Kind.self, forKey: .kind) {
    case .ceiling: self = .ceiling(try CeilingRow(from: decoder))
    case .train: self = .train(try TrainingStep(from: decoder))
    case .test: self = .test(try EpochTest(from: decoder))
    case .snapshot: self = .snapshot(try SnapshotRow(from: decoder))
    }
  }

  /// Writes the fields of the row and its `kind`.
  ///
  /// - Throws: `EncodingError` for a number that is not finite.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: KindKey.self)
    switch self {
    case .ceiling(let row):
      try container.encode(Kind.ceiling, forKey: .kind)
      try row.encode(to: encoder)
    case .train(let row):
      try container.encode(Kind.train, forKey: .kind)
      try row.encode(to: encoder)
    case .test(let row):
      try container.encode(Kind.test, forKey: .kind)
      try row.encode(to: encoder)
    case .snapshot(let row):
      try container.encode(Kind.snapshot, forKey: .kind)
      try row.encode(to: encoder)
    }
  }
}
