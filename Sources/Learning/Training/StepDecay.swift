// The learning-rate schedule.

import Foundation
import ZerORequirements

/// A learning rate that decays by a factor after a fixed number of epochs.
///
/// ```
/// lr(e) = lr₁ · γ^⌊(e − 1) / stepSize⌋,   e = 1, 2, …
/// ```
///
/// Source: PyTorch, `torch.optim.lr_scheduler.StepLR`, stepped after every epoch.
public struct StepDecay: Equatable, Sendable {
  /// lr₁, the learning rate of the first epoch.
  public let initial: Double

  /// γ, the decay factor.
  public let gamma: Double

  /// Epochs between decays, at least 1.
  public let stepSize: Int

  /// Makes a schedule.
  ///
  /// - Parameters:
  ///   - initial: lr₁.
  ///   - gamma: γ.
  ///   - stepSize: At least 1.
  public init(initial: Double, gamma: Double, stepSize: Int) {
    require(stepSize > 0, "a decay every \(stepSize) epochs")
    self.initial = initial
    self.gamma = gamma
    self.stepSize = stepSize
  }

  /// The learning rate of an epoch.
  ///
  /// - Parameter epoch: The epoch, counted from 1.
  /// - Returns: lr(e).
  public func learningRate(epoch: Int) -> Double {
    initial * pow(gamma, Double((epoch - 1) / stepSize))
  }
}
