// Events of the training loop, as its observer receives them and as records contain them.

/// The state of training after one update, a row of `metrics.jsonl`.
public struct TrainingStep: Equatable, Sendable {
  /// The epoch, counted from 1.
  public let epoch: Int

  /// The update within the epoch, counted from 0.
  public let step: Int

  /// The update across epochs, counted from 0; so `iteration + 1` updates have been made.
  public let iteration: Int

  /// Images of this epoch before this batch: step · batch size.
  public let samples: Int

  /// The mean loss of this batch, before its update.
  public let loss: Double

  /// Images of this epoch classified correctly so far, each before its update, in percent of an epoch's images: it
  /// grows from 0 to the epoch's accuracy.
  public let runningAccuracy: Double

  /// The learning rate of this epoch.
  public let learningRate: Double

  /// Measured values by quantity, then by tensor; the training loop itself measures none.
  public var quantities: [String: [String: Double]]

  /// Makes a step.
  public init(
    epoch: Int, step: Int, iteration: Int, samples: Int, loss: Double, runningAccuracy: Double,
    learningRate: Double, quantities: [String: [String: Double]] = [:]
  ) {
    self.epoch = epoch
    self.step = step
    self.iteration = iteration
    self.samples = samples
    self.loss = loss
    self.runningAccuracy = runningAccuracy
    self.learningRate = learningRate
    self.quantities = quantities
  }
}

/// The result of the test pass after an epoch, a row of `metrics.jsonl`.
public struct EpochTest: Codable, Equatable, Sendable {
  /// The epoch, counted from 1.
  public let epoch: Int

  /// The mean loss over the test images.
  public let loss: Double

  /// Test images classified correctly.
  public let correct: Int

  /// Test images.
  public let total: Int

  /// Makes a result.
  public init(epoch: Int, loss: Double, correct: Int, total: Int) {
    self.epoch = epoch
    self.loss = loss
    self.correct = correct
    self.total = total
  }

  /// Reads a result and checks its counts, as untrusted input.
  ///
  /// - Throws: `DecodingError` for a row of another form, or impossible counts.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    epoch = try container.decode(Int.self, forKey: .epoch)
    loss = try container.decode(Double.self, forKey: .loss)
    correct = try container.decode(Int.self, forKey: .correct)
    total = try container.decode(Int.self, forKey: .total)
    guard TrainingPlan.epochLimits.contains(epoch), total > 0, (0...total).contains(correct) else {
      throw DecodingError.dataCorruptedError(
        forKey: .total, in: container,
        debugDescription: "\(correct) of \(total) images correct after epoch \(epoch)")
    }
  }

  /// The proportion of correctly classified images in percent.
  public var accuracy: Double { 100 * Double(correct) / Double(total) }
}

/// An event of the training loop.
public enum TrainingEvent: Equatable, Sendable {
  /// An update after which to measure.
  case step(TrainingStep)

  /// An epoch and its test pass.
  case test(EpochTest)

  /// A position from which training can resume: after each update and each test pass, after the other event at the
  /// same position.
  case reached(TrainingPosition)
}

/// An error that ends training.
public enum TrainingError: Error, Equatable, CustomStringConvertible {
  /// A loss or a weight is NaN or infinite.
  case diverged(iteration: Int, loss: Double, learningRate: Double)

  /// The loss of the initial network is NaN or infinite.
  case notFiniteAtStart(loss: Double)

  /// The error and its fix, in one line.
  public var description: String {
    switch self {
    case .notFiniteAtStart(let loss):
      "diverged: the loss is \(loss.isNaN ? "nan" : "\(loss)") before the first update, so the learning rate is not the "
        + "cause; use a smaller bias or another initializer"
    case .diverged(let iteration, let loss, let learningRate):
      "diverged: the loss is \(loss.isNaN ? "nan" : "\(loss)") at iteration \(iteration); "
        + "use a learning rate below \(learningRate)"
    }
  }
}

extension TrainingStep: Codable {
  private enum Field: String, CaseIterable {
    case epoch, step, iteration, samples, loss
    case runningAccuracy = "running_accuracy"
    case learningRate = "learning_rate"
  }

  /// A field, or the name of a quantity.
  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(_ field: Field) { stringValue = field.rawValue }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  /// Reads a step; every key that is not a field names a quantity, a table of numbers by tensor.
  ///
  /// - Throws: `DecodingError` for a row of another form.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    let fields = Set(Field.allCases.map(\.rawValue) + ["kind"])
    var quantities: [String: [String: Double]] = [:]
    for key in container.allKeys where !fields.contains(key.stringValue) {
      quantities[key.stringValue] = try container.decode([String: Double].self, forKey: key)
    }
    let iteration = try container.decode(Int.self, forKey: Key(.iteration))
    // The number of updates, iteration + 1, must not overflow.
    guard (0..<Int.max).contains(iteration) else {
      throw DecodingError.dataCorruptedError(
        forKey: Key(.iteration), in: container, debugDescription: "an iteration \(iteration)")
    }
    self.init(
      epoch: try container.decode(Int.self, forKey: Key(.epoch)),
      step: try container.decode(Int.self, forKey: Key(.step)),
      iteration: iteration,
      samples: try container.decode(Int.self, forKey: Key(.samples)),
      loss: try container.decode(Double.self, forKey: Key(.loss)),
      runningAccuracy: try container.decode(Double.self, forKey: Key(.runningAccuracy)),
      learningRate: try container.decode(Double.self, forKey: Key(.learningRate)),
      quantities: quantities)
  }

  /// Writes the fields, and each quantity under its name.
  ///
  /// - Throws: `EncodingError` for a number that is not finite.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(epoch, forKey: Key(.epoch))
    try container.encode(step, forKey: Key(.step))
    try container.encode(iteration, forKey: Key(.iteration))
    try container.encode(samples, forKey: Key(.samples))
    try container.encode(loss, forKey: Key(.loss))
    try container.encode(runningAccuracy, forKey: Key(.runningAccuracy))
    try container.encode(learningRate, forKey: Key(.learningRate))
    for (name, values) in quantities {
      try container.encode(values, forKey: Key(stringValue: name))
    }
  }
}
