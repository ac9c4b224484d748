// The user's own rules, which come before those of a set.

import Checkpoints

/// Patterns of names with a treatment each.
///
/// Where several match one tensor the most exact one holds, whatever their order: the tensor's own name, else the one
/// with the most characters other than `*`, `?`, `[` and `]`. So `*` kept and `fc.weight` as a matrix leaves all but
/// one as it is.
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
    guard let best = matching.map({ $0.pattern.exactness(for: name) }).max() else { return nil }
    let candidates = matching.filter { $0.pattern.exactness(for: name) == best }
    if let other = candidates.first(where: { $0.treatment != candidates[0].treatment }) {
      throw .undecided(tensor: name, first: candidates[0], second: other)
    }
    return candidates.first
  }
}
