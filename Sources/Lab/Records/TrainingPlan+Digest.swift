// The identity of a run in a few bytes, for files that must not be another run's.

import Checksums
public import Training

extension TrainingPlan {
  /// Identifies the run of this plan on some data.
  ///
  /// Settings that later versions add do not change it, as long as they have their default values.
  ///
  /// - Parameter data: The data that the run is trained on.
  /// - Returns: A SHA-256 of the identifier, the measured quantities and the checksums of the data, 64 hexadecimal
  ///   digits.
  public func digest(on data: Provenance.Data) -> String {
    let files = data.sha256.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
    return sha256(Array(([identifier] + quantities + files).joined(separator: "\n").utf8))
  }
}
