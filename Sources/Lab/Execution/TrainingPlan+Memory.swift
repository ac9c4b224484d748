// Checks that a network fits into memory before it is allocated.

public import ZerODatasets
public import ZerOInitializers
import ZerOLinearAlgebra
import ZerONetworks
public import ZerOTraining

extension TrainingPlan {
  /// Checks that the network can be trained in the available memory.
  ///
  /// A dense run needs its estimated memory. A run with symmetry reduction needs at least the
  /// initial weights that are not identities.
  ///
  /// - Parameters:
  ///   - data: The training data.
  ///   - initializers: The catalog that contains the initializer.
  /// - Throws: `MemoryShortage`; `InitializationError` for an unknown initializer.
  public func checkMemory(for data: Dataset, initializers: InitializerCatalog = .builtIn) throws {
    let bytes = try RunEstimate.Costs.leastBytes(of: self, on: data, initializers)
    try Memory.check(Double(bytes), for: "training with n_h = \(width) and depth \(depth)")
  }

  /// Checks that the whole trained network can be allocated, for saving or printing.
  ///
  /// A dense run needs more memory in any case, which `checkMemory` checks.
  ///
  /// - Parameter data: The training data.
  /// - Throws: `MemoryShortage`; `PlanError` if the plan has no model.
  public func checkWholeNetwork(for data: Dataset) throws {
    guard symmetry == .reduced else { return }
    // The network, its tensors, and the bytes of a file.
    try Memory.check(
      3 * (try weightBytes(for: data, perWeight: 4)),
      for: "the whole network, to be saved or printed,")
  }

  /// Checks that the network can be trained in double precision.
  ///
  /// - Parameters:
  ///   - data: The training data.
  ///   - initializers: The catalog that contains the initializer.
  /// - Throws: `MemoryShortage`; `PlanError` if the plan has no model; `InitializationError` for an unknown initializer.
  func checkDoubleTraining(for data: Dataset, initializers: InitializerCatalog) throws {
    var plan = self
    plan.symmetry = .dense
    // All of a run with twice as many bytes, the network before it, the change, and the products for its rank.
    let run = 2 * Double(try RunEstimate.Costs.leastBytes(of: plan, on: data, initializers))
    try Memory.check(
      run + 3 * (try weightBytes(for: data, perWeight: 8)), for: "training in double precision")
  }

  private func weightBytes(for data: Dataset, perWeight: Double) throws(PlanError) -> Double {
    perWeight * (try model(for: data).graph.parameterCount)
  }
}
