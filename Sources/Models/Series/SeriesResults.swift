// The rows of a series in their order, those to show and those to keep in the store.

import ZerOCheckpoints
import ZerOInspection
import ZerOMessages
import ZerONamePatterns

/// The results of a series.
struct SeriesResults {
  /// The rows to show.
  let rows: [SeriesRow]

  /// The rows to keep in the store.
  let storedPlaces: [SeriesStore.Place]

  /// The names of the matrices, in the order of the files; those of checkpoints that no longer exist last.
  let matrices: [String]

  /// Remarks on rows of checkpoints that no longer exist.
  let notes: [String]

  /// Orders the rows, and adds those of checkpoints that no longer exist.
  ///
  /// - Parameters:
  ///   - work: The finished work.
  ///   - series: The checkpoints.
  ///   - selection: The matrices to show.
  init(_ work: SeriesWork, _ series: CheckpointSeries, _ selection: TensorSelection) {
    let steps = Set(series.all.map(\.step))
    let stepsByName = Dictionary(series.all.map { ($0.name, $0.step) }) { first, _ in first }
    let valid = work.stored.values.filter { $0.identity.start == work.start?.identity }
    // The files of a checkpoint that no longer exists are deleted, or contain another checkpoint now.
    let gone = valid.filter { row in
      guard !steps.contains(row.step) else { return false }
      return stepsByName[row.checkpoint] == nil
        || work.identities[row.checkpoint].map { $0 != row.identity.checkpoint } ?? false
    }
    // Rows of this series that were not asked for, or whose checkpoint can't be read now.
    let others = valid.filter { row in
      guard stepsByName[row.checkpoint] == row.step, work.rows[SeriesStore.Place(row)] == nil
      else { return false }
      return work.identities[row.checkpoint].map { $0 == row.identity.checkpoint } ?? true
    }
    let shown = gone.filter { row in
      (series.selection?.contains(row.step) ?? true) && selection.includes(row.matrix)
    }
    let known = Set(work.matrices)
    let matrices = work.matrices + Set(shown.map(\.matrix)).subtracting(known).sorted()
    let ranks = Dictionary(zip(matrices, matrices.indices)) { first, _ in first }
    func sorted(_ rows: [SeriesRow]) -> [SeriesRow] {
      let keys = rows.map { row in
        (row.step, row.checkpoint, ranks[row.matrix] ?? .max, row.matrix)
      }
      return zip(keys, rows).sorted { $0.0 < $1.0 }.map(\.1)
    }
    rows = sorted(Array(work.rows.values) + shown)
    storedPlaces = sorted(Array(work.rows.values) + gone + others)
      .map { SeriesStore.Place($0) }.filter { !work.unstored.contains($0) }
    self.matrices = matrices
    let lost = Set(shown.map(\.step)).sorted().map { "\($0)" }
    notes =
      lost.isEmpty
      ? []
      : [
        "\(series.unit.rawValue)s whose checkpoints no longer exist, from earlier results: \(firstOf(lost))"
      ]
  }
}

extension TensorSelection {
  /// Whether a matrix is selected by its name, or by the name of its stack.
  fileprivate func includes(_ name: String) -> Bool {
    let stack = name.hasSuffix("]") ? name.prefix { $0 != "[" } : name[...]
    func isNamed(by pattern: NamePattern) -> Bool {
      pattern.matches(name) || pattern.matches(String(stack))
    }
    return (selected.isEmpty || selected.contains(where: isNamed))
      && !skipped.contains(where: isNamed)
  }
}
