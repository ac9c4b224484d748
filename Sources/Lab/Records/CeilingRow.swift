// The first row of metrics.jsonl: ceilings of the measured ranks.

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
