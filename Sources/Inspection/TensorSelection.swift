// Which tensors of a checkpoint are looked at.

public import Checkpoints

/// Tensors by the patterns of their names.
public struct TensorSelection: Sendable {
  /// One of these must match; none stands for all tensors.
  public let selected: [NamePattern]

  /// None of these may match.
  public let skipped: [NamePattern]

  /// Takes patterns.
  public init(selected: [NamePattern] = [], skipped: [NamePattern] = []) {
    self.selected = selected
    self.skipped = skipped
  }

  /// The tensors of an archive, in its order.
  ///
  /// - Throws: `InspectionError.nothingMatches` for a pattern that is no tensor's.
  func tensors(of archive: TensorArchive) throws(InspectionError) -> [StoredTensor] {
    if let pattern = archive.unmatched(among: selected + skipped) {
      throw .nothingMatches(pattern)
    }
    return archive.tensors.filter { tensor in
      (selected.isEmpty || selected.contains { $0.matches(tensor.name) })
        && !skipped.contains { $0.matches(tensor.name) }
    }
  }
}
