public import ZerOLinearAlgebra

/// The factor α by which weight decay has multiplied the initial weights, W = α·W₀ + C.
///
/// α is a weight that starts at 1 and has no gradient, updated by the optimizer itself in the precision of the training. So it
/// has the rounding errors of the weights: over thousands of updates, the product of the exact factors would differ by more than the tolerance of a rank.
public struct StartFactor<Scalar: MatrixScalar>: Sendable {
  private let optimizer: any Optimizer
  private let schedule: LearningRateSchedule
  private var weight = Matrix<Scalar>(repeating: 1, rows: 1, columns: 1)
  private var states: ContiguousArray<Scalar>

  /// The number of updates so far.
  private var updates = 0

  /// Starts before the first update.
  ///
  /// - Parameters:
  ///   - optimizer: The rule of the updates.
  ///   - schedule: The learning rates.
  public init(_ optimizer: any Optimizer, _ schedule: LearningRateSchedule) {
    self.optimizer = optimizer
    self.schedule = schedule
    states = ContiguousArray(repeating: 0, count: optimizer.stateNames.count)
  }

  /// α after some updates.
  ///
  /// - Parameter count: The number of updates.
  /// - Returns: 1 without weight decay; `nil` if the rule multiplies each weight by a factor of its own.
  /// - Complexity: One update of a single weight per update since the call before; from the first update on if the number is lower.
  public mutating func value(after count: Int) -> Double? {
    guard optimizer.scalesStart else { return nil }
    guard optimizer.weightDecay > 0 else { return 1 }
    if count < updates { self = StartFactor(optimizer, schedule) }
    let zero = Matrix<Scalar>(repeating: 0, rows: 1, columns: 1)
    while updates < count {
      let rate = schedule.learningRate(update: updates)
      updates += 1
      let number = updates
      unsafe weight.update(by: zero, states: &states) { [optimizer] elements in
        unsafe optimizer.update(elements, rate: rate, number: number)
      }
    }
    return Double(weight[0, 0])
  }
}
