// Which of two runs takes longer, before either has begun.

public import Training

extension TrainingPlan {
  /// Proportional, roughly, to the time a run takes: its products, for images of some 800 pixels.
  ///
  /// It orders runs and weighs them against each other; `RunEstimate` times them. In floating point, where a
  /// product of counts can't overflow.
  public var cost: Double {
    Double(epochs) * Double(width) * (Double(depth) * Double(width) + 1600)
  }
}
