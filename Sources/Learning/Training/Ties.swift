// What becomes of hidden units that start as copies of each other.

/// How units are trained that nothing but rounding can part.
public enum Ties: String, Codable, CaseIterable, Hashable, Sendable {
  /// Each for itself, as the notebook and PyTorch do: copies part slowly, by rounding.
  case dense

  /// As one, so that copies stay copies as in exact arithmetic; the run takes no more time than its different
  /// units do.
  case exact
}
