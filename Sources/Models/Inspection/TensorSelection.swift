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

  /// The tensors among some, in their order; a matrix of a stack goes by its own name or by the stack's.
  func tensors(of arrays: [StoredTensor]) -> [StoredTensor] {
    let names = Set(arrays.flatMap { [$0.name] + ($0.origin.map { [$0.name] } ?? []) })
    let (selected, skipped) = (
      selected.map { $0.resolved(among: names) }, skipped.map { $0.resolved(among: names) }
    )
    return arrays.filter { array in
      func isNamed(by pattern: NamePattern) -> Bool {
        pattern.matches(array.name) || array.origin.map { pattern.matches($0.name) } ?? false
      }
      return (selected.isEmpty || selected.contains(where: isNamed))
        && !skipped.contains(where: isNamed)
    }
  }
}
