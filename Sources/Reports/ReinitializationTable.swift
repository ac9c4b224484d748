// What becomes of a model's tensors, as a table.

import Checkpoints
import Initializers
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
          assignment.treatment.text(initializer.name), assignment.reason,
        ]
      })
  }
}
