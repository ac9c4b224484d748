// Which of two runs takes longer, before either has begun.

import Initializers
public import Training

extension TrainingPlan {
  /// Proportional, roughly, to the time a run takes: its products, for images of some 800 pixels.
  ///
  /// It orders runs and weighs them against each other; `RunEstimate` times them. In floating point, where a
  /// product of counts can't overflow.
  public var cost: Double {
    // With exact ties only different units cost; a rule with identities makes few more than there are inputs.
    let square = WeightShape(outputs: max(1, width), inputs: max(1, width))
    let rule = try? InitializerCatalog.entry(named: initializer).initializer
    let isFolded = ties == .exact && rule?.isIdentity(square) == true
    let units = Double(isFolded ? min(width, 1600) : width)
    return Double(epochs) * units * (Double(depth) * units + 1600)
  }
}
