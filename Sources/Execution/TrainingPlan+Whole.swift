// A run with exact ties may be of a network that no memory holds.

public import Datasets
import Foundation
import Initializers
import LinearAlgebra
import Networks
public import Training

extension TrainingPlan {
  /// Checks that the trained network can be made whole, to be saved or printed.
  ///
  /// A dense run needs more memory anyway, and isn't looked at.
  ///
  /// - Parameter data: What is trained on.
  /// - Throws: `PlanError.wholeTooLarge`.
  public func checkWholeNetwork(for data: Dataset) throws(PlanError) {
    guard ties == .exact else { return }
    let bytes = architecture(for: data).weightShapes.reduce(0) { $0 + 4 * $1.outputs * $1.inputs }
    // The network, as tensors, and as the bytes of a file.
    guard UInt64(3 * bytes) > ProcessInfo.processInfo.physicalMemory else { return }
    throw .wholeTooLarge(mebibytes: bytes >> 20)
  }
}
