// The relative cost of runs, without timing.

import ZerOInitializers
public import ZerOTraining

extension TrainingPlan {
  /// The approximate cost of a run in arbitrary units: its matrix products, for images of about 800
  /// pixels.
  ///
  /// The cost orders and weighs runs; `RunEstimate` times them. It is a floating-point number,
  /// which cannot overflow.
  public var cost: Double {
    // Under symmetry reduction the cost depends on the number of classes. With identity layers this
    // number is slightly above the number of inputs.
    let square = WeightShape(outputs: max(1, width), inputs: max(1, width))
    let rule = try? InitializerCatalog.builtIn.entry(named: initializer).initializer
    let isReduced = symmetry == .reduced && rule?.isIdentity(square) == true
    let units = Double(isReduced ? min(width, 1600) : width)
    return Double(epochs) * units * (Double(depth) * units + 1600)
  }
}
