// What becomes of a model's tensors, as a table.

import Checkpoints
import Initializers
public import Messages
public import Reinitialization

extension ReinitializationPlan {
  /// Every tensor, what becomes of it, and the rule that says so.
  public var table: TextTable {
    TextTable(
      headings: ["tensor", "shape", "type", "new values", "rule"],
      rows: assignments.map { assignment in
        let tensor = assignment.tensor
        return [
          tensor.name, extentsText(tensor.shape), tensor.type,
          assignment.text(initializer.name), assignment.reason,
        ]
      })
  }

  /// How many tensors get which treatment, the most frequent first.
  public var counts: TextTable {
    TextTable(
      headings: ["tensors", "new values"],
      rows: Dictionary(grouping: assignments) { $0.text(initializer.name) }
        .sorted { ($1.value.count, $0.key) < ($0.value.count, $1.key) }
        .map { [String($0.value.count), $0.key] })
  }
}
