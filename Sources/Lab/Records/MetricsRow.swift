// The rows of metrics.jsonl.

public import ZerOTraining

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

/// The ceilings of the measured weights, upper bounds on rank(W − W₀).
///
/// They hold in exact arithmetic; through rounding errors identical units diverge slowly.
public struct CeilingRow: Codable, Equatable, Sendable {
  /// The ceiling by tensor, for example `["l3.weight": 1034]`.
  public let tensors: [String: Int]

  /// The tensors that start from the identity; their ceiling bounds rank(W − I) too.
  public let fromIdentity: [String]

  /// Makes a row.
  ///
  /// - Parameters:
  ///   - tensors: The ceilings.
  ///   - fromIdentity: The names of the tensors that start from the identity.
  public init(tensors: [String: Int], fromIdentity: [String]) {
    self.tensors = tensors
    self.fromIdentity = fromIdentity
  }

  private enum CodingKeys: String, CodingKey {
    case tensors
    case fromIdentity = "from_identity"
  }

  /// Reads a row and checks its numbers, as untrusted input.
  ///
  /// - Throws: `DecodingError` for a row of another form, or a ceiling below 0.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    tensors = try container.decode([String: Int].self, forKey: .tensors)
    fromIdentity = try container.decode([String].self, forKey: .fromIdentity)
    if let wrong = tensors.first(where: { $0.value < 0 }) {
      throw DecodingError.dataCorruptedError(
        forKey: .tensors, in: container,
        debugDescription: "a ceiling of \(wrong.value) for \(wrong.key)")
    }
  }
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
