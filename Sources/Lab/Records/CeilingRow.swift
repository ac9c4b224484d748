// The first row of metrics.jsonl: how far ranks can get, known before training.

/// The ceilings of the measured weights: what rank W − W₀ can have at most.
///
/// In exact arithmetic: rounding parts the copies that the ceiling comes from, slowly.
public struct CeilingRow: Codable, Equatable, Sendable {
  /// The ceiling by tensor, for example `["l3.weight": 1034]`.
  public let tensors: [String: Int]

  /// The tensors that start from the identity, for which rank(W − I) has the same ceiling.
  public let fromIdentity: [String]

  /// Makes a row.
  ///
  /// - Parameters:
  ///   - tensors: The ceilings.
  ///   - fromIdentity: The names of those tensors that start from the identity.
  public init(tensors: [String: Int], fromIdentity: [String]) {
    self.tensors = tensors
    self.fromIdentity = fromIdentity
  }

  private enum CodingKeys: String, CodingKey {
    case tensors
    case fromIdentity = "from_identity"
  }

  /// Reads a row; a file may say anything, so its numbers are checked.
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
