// The plan of a reinitialization as a table.

import ZerOCheckpoints
import ZerOInitializers
public import ZerOMessages
public import ZerOReinitialization

extension ReinitializationPlan {
  /// Every tensor with its new values and the reason for them.
  public var table: TextTable {
    TextTable(
      headings: ["tensor", "shape", "type", "new values", "rule"],
      rows: assignments.map { assignment in
        let tensor = assignment.tensor
        return [
          tensor.name, shapeText(tensor.shape), tensor.type,
          assignment.text(initializer.name), assignment.reason,
        ]
      })
  }

  /// The number of tensors per treatment, the most frequent first.
  public var counts: TextTable {
    TextTable(
      headings: ["tensors", "new values"],
      rows: Dictionary(grouping: assignments) { $0.text(initializer.name) }
        .sorted { ($1.value.count, $0.key) < ($0.value.count, $1.key) }
        .map { [String($0.value.count), $0.key] })
  }
}
