// Dense training, or symmetry reduction.

/// The training of hidden units with identical initial weights.
///
/// `plan.json` and the metadata of checkpoints contain the raw values; experiments and the command line use `name`.
public enum SymmetryMode: String, Codable, CaseIterable, Hashable, Sendable {
  /// Every unit on its own, as in PyTorch: identical units slowly diverge through rounding errors.
  case dense

  /// Symmetry reduction: one unit per class of identical units, which stay identical as in exact arithmetic.
  ///
  /// Time and memory depend on the number of classes.
  case reduced = "exact"
}

extension SymmetryMode: SettingChoice {
  /// `dense` or `reduced`.
  public var name: String { self == .dense ? "dense" : "reduced" }
}
