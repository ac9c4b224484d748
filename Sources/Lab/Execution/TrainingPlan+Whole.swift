// Networks that no memory holds are refused before they are made.

public import Datasets
import Initializers
public import LinearAlgebra
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
  /// - Throws: `MemoryShortage`.
  public func checkWholeNetwork(for data: Dataset) throws(MemoryShortage) {
    guard ties == .exact else { return }
    // The network, as tensors, and as the bytes of a file.
    try Memory.check(
      3 * weightBytes(for: data, perWeight: 4), for: "the whole network, to be saved or printed,")
  }

  /// Checks that the network can be trained in double precision.
  ///
  /// - Parameter data: What is trained on.
  /// - Throws: `MemoryShortage`.
  func checkDoubleNetwork(for data: Dataset) throws(MemoryShortage) {
    // The network before and after, the change, and the products of its rank.
    try Memory.check(
      4 * weightBytes(for: data, perWeight: 8), for: "training in double precision")
  }

  private func weightBytes(for data: Dataset, perWeight: Double) -> Double {
    architecture(for: data).weightShapes.reduce(0) {
      $0 + perWeight * Double($1.outputs) * Double($1.inputs)
    }
  }
}
