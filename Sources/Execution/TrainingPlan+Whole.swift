// Networks that no memory holds are refused before they are made.

public import Datasets
import Initializers
import LinearAlgebra
import Networks
public import Training

extension TrainingPlan {
  /// Checks that the network can be trained: what the estimate of a dense run comes to, and of a run with exact ties the
  /// weights that are no identities.
  ///
  /// - Parameter data: What is trained on.
  /// - Throws: `MemoryShortage`; `PlanError` for an initializer that isn't known.
  public func checkMemory(for data: Dataset) throws {
    let bytes = try RunEstimate.Costs.leastBytes(of: self, on: data)
    try Memory.check(Double(bytes), for: "training with n_h = \(width) and depth \(depth)")
  }

  /// Checks that the trained network can be made whole, to be saved or printed.
  ///
  /// A dense run needs more memory anyway, which `checkMemory` looks at.
  ///
  /// - Parameter data: What is trained on.
  /// - Throws: `PlanError.wholeTooLarge`.
  public func checkWholeNetwork(for data: Dataset) throws(PlanError) {
    guard ties == .exact else { return }
    let bytes = architecture(for: data).weightShapes.reduce(0) { $0 + 4 * $1.outputs * $1.inputs }
    // The network, as tensors, and as the bytes of a file.
    guard 3 * bytes > Memory.available else { return }
    throw .wholeTooLarge(mebibytes: bytes >> 20)
  }

  /// Checks that the network can be trained in double precision.
  ///
  /// - Parameter data: What is trained on.
  /// - Throws: `PlanError.doubleTooLarge`.
  func checkDoubleNetwork(for data: Dataset) throws(PlanError) {
    let bytes = architecture(for: data).weightShapes.reduce(0.0) {
      $0 + 8 * Double($1.outputs) * Double($1.inputs)
    }
    // The network before and after, the change, and the products of its rank.
    guard 4 * bytes > Double(Memory.available) else { return }
    throw .doubleTooLarge(mebibytes: Int(4 * bytes / 1_048_576))
  }
}
