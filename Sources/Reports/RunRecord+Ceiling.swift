// The second bound on a curve, the first being the input dimension: what symmetry leaves to training.

import Records
import Training

extension RunRecord {
  /// The most that a rank of a tensor can come to, where that is less than what its shape allows.
  ///
  /// - Parameters:
  ///   - quantity: A rank from the start, or from the identity for a tensor that starts there.
  ///   - tensor: For example `l3.weight`.
  /// - Returns: `nil` where symmetry says nothing of the quantity, or nothing is recorded.
  func ceiling(of quantity: String, _ tensor: String) -> Int? {
    guard let row = ceiling, let found = row.tensors[tensor], found < plan.width else { return nil }
    switch quantity {
    case "rank_from_start": return found
    case "rank": return row.fromIdentity.contains(tensor) ? found : nil
    default: return nil
    }
  }
}
