// What the training loop tells its observer.

/// The state of training after one update.
public struct TrainingStep: Equatable, Sendable {
  /// Counted from 1.
  public let epoch: Int

  /// The update within the epoch, counted from 0.
  public let step: Int

  /// Updates of an epoch.
  public let stepCount: Int

  /// The update across epochs, counted from 0; so `iteration + 1` updates have been made.
  public let iteration: Int

  /// Updates in the whole run.
  public let iterationCount: Int

  /// Images of this epoch before this batch: step · batch size.
  public let samples: Int

  /// Images of an epoch.
  public let sampleCount: Int

  /// The mean loss of this batch, before its update.
  public let loss: Double

  /// Right answers of this epoch so far, each given before its update, in percent of an epoch's
  /// images: it grows from 0 to the epoch's accuracy.
  public let runningAccuracy: Double

  /// The rate of this epoch.
  public let learningRate: Double

  /// Whether the notebook, too, looks at this update: it doesn't at the last of a run, unless that one is due.
  public let isDue: Bool
}

/// The result of the test pass after an epoch.
public struct EpochTest: Equatable, Sendable {
  /// Counted from 1.
  public let epoch: Int

  /// The loss over the test images.
  public let loss: Double

  /// Right answers.
  public let correct: Int

  /// Test images.
  public let total: Int
}

/// What an observer is told.
public enum TrainingEvent: Equatable, Sendable {
  /// An update that is due for measuring.
  case step(TrainingStep)

  /// An epoch and its test pass.
  case test(EpochTest)

  /// A moment that training can be taken up from again: after each update and each test pass, when what
  /// was due for measuring has been reported.
  case reached(TrainingPosition)
}

/// A run that can't go on.
public enum TrainingError: Error, Equatable, CustomStringConvertible {
  /// A loss, or a weight, is a NaN or an infinity.
  case diverged(iteration: Int, loss: Double, learningRate: Double)

  /// The loss of the initial network is a NaN or an infinity.
  case notFiniteAtStart(loss: Double)

  /// The error and its fix, in one line.
  public var description: String {
    switch self {
    case .notFiniteAtStart(let loss):
      "diverged: the loss is \(loss.isNaN ? "nan" : "\(loss)") before the first update, so the learning rate is not the "
        + "cause; take a smaller bias or another initializer"
    case .diverged(let iteration, let loss, let learningRate):
      "diverged: the loss is \(loss.isNaN ? "nan" : "\(loss)") at iteration \(iteration); "
        + "take a learning rate below \(learningRate)"
    }
  }
}
