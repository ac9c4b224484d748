// The user's own rules, which come before those of a set.

import Checkpoints

/// Patterns of names with a treatment each.
///
/// Where several match one tensor the most exact one holds, whatever their order: the one with the most characters
/// other than `*`, `?`, `[` and `]`. So `*` kept and `fc.weight` as a matrix leaves all but one as it is.
public struct Overrides: Sendable {
  /// The rules.
  public let rules: [TensorRule]

  /// Takes rules.
  public init(_ rules: [TensorRule] = []) { self.rules = rules }

  /// The rule for a tensor, if there is one.
  ///
  /// - Throws: `ReinitializationError.undecided` where two equally exact patterns want different things.
  func rule(for name: String) throws(ReinitializationError) -> TensorRule? {
    let matching = rules.filter { $0.pattern.matches(name) }
    guard let best = matching.map(Self.exactness).max() else { return nil }
    let candidates = matching.filter { Self.exactness($0) == best }
    if let other = candidates.first(where: { $0.treatment != candidates[0].treatment }) {
      throw .undecided(tensor: name, first: candidates[0], second: other)
    }
    return candidates.first
  }

  private static func exactness(_ rule: TensorRule) -> Int {
    rule.pattern.description.count { !"*?[]".contains($0) }
  }
}
