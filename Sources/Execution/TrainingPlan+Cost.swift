// Which of two runs takes longer, before either has begun.

public import Training

extension TrainingPlan {
  /// Proportional, roughly, to the time a run takes: its products, for images of some 800 pixels.
  ///
  /// It orders runs and weighs them against each other; `RunEstimate` times them. In floating point, where a
  /// product of counts can't overflow.
  public var cost: Double {
    // With exact ties only different units cost; hardly an initialiser makes more than two for each input.
    let units = Double(ties == .exact ? min(width, 1600) : width)
    return Double(epochs) * units * (Double(depth) * units + 1600)
  }
}
