// The learning rate of each update.

import Foundation
import ZerORequirements

/// The learning rate as a function of the update.
///
/// With e the epoch and t the update, both counted from 0, of T updates in all,
///
/// ```
/// step:      lr · γ^⌊e / stepSize⌋
/// cosine:    lr · (1 + cos(π·(t − w)/(T − w)))/2 after w updates of warm-up
/// constant:  lr
/// ```
///
/// During a warm-up of w updates, each rate is multiplied by (t + 1)/w.
///
/// Sources: PyTorch, `StepLR` stepped after every epoch, and `CosineAnnealingLR` stepped after every update; I. Loshchilov and
/// F. Hutter, "SGDR: stochastic gradient descent with warm restarts" (2017), equation 5.
public struct LearningRateSchedule: Hashable, Sendable {
  /// The shape of a schedule.
  public enum Kind: String, CaseIterable, Sendable {
    /// A decay by a factor after a fixed number of epochs.
    case step
    /// Half a period of a cosine, to 0.
    case cosine
    /// No change.
    case constant
  }

  /// The shape.
  public let kind: Kind

  /// lr, the largest rate.
  public let initial: Double

  /// γ, the decay factor of `step`.
  public let gamma: Double

  /// Epochs between decays, at least 1.
  public let stepSize: Int

  /// w, the updates of the warm-up.
  public let warmup: Int

  /// The updates per epoch.
  public let updatesPerEpoch: Int

  /// T, the updates of the run.
  public let updates: Int

  /// Makes a schedule.
  ///
  /// - Parameters:
  ///   - kind: The shape.
  ///   - initial: lr.
  ///   - gamma: γ.
  ///   - stepSize: At least 1.
  ///   - warmup: w, 0 or more.
  ///   - updatesPerEpoch: At least 1.
  ///   - epochs: At least 1.
  public init(
    _ kind: Kind = .step, initial: Double, gamma: Double = 0.7, stepSize: Int = 12, warmup: Int = 0,
    updatesPerEpoch: Int, epochs: Int
  ) {
    require(stepSize > 0, "a decay every \(stepSize) epochs")
    require(
      updatesPerEpoch > 0 && epochs > 0 && warmup >= 0,
      "a schedule of \(epochs) × \(updatesPerEpoch) updates with \(warmup) of warm-up")
    self.kind = kind
    self.initial = initial
    self.gamma = gamma
    self.stepSize = stepSize
    self.warmup = warmup
    self.updatesPerEpoch = updatesPerEpoch
    updates = updatesPerEpoch * epochs
  }

  /// The learning rate of an update.
  ///
  /// - Parameter update: t, counted from 0 across epochs.
  /// - Returns: The rate.
  public func learningRate(update: Int) -> Double {
    let rate: Double
    switch kind {
    case .step: rate = initial * pow(gamma, Double(update / updatesPerEpoch / stepSize))
    case .constant: rate = initial
    case .cosine:
      let part = Double(max(0, update - warmup)) / Double(max(1, updates - warmup))
      rate = initial * (1 + cos(Double.pi * part)) / 2
    }
    return update < warmup ? rate * Double(update + 1) / Double(warmup) : rate
  }
}
