// One line of metrics.jsonl.

import Training

/// A measurement during training, a test pass, a snapshot, or what was known before.
public enum MetricsRow: Equatable, Sendable {
  /// Before the first update.
  case ceiling(CeilingRow)

  /// After an update.
  case train(TrainRow)

  /// After an epoch.
  case test(TestRow)

  /// A layer in full, now and then.
  case snapshot(SnapshotRow)
}

/// The state of training after one update.
public struct TrainRow: Equatable, Sendable {
  /// Counted from 1.
  public let epoch: Int

  /// The update within the epoch, counted from 0.
  public let step: Int

  /// The update across epochs, counted from 0.
  public let iteration: Int

  /// Images of the epoch before this batch.
  public let samples: Int

  /// The mean loss of the batch, before its update.
  public let loss: Double

  /// In percent of the epoch's images.
  public let runningAccuracy: Double

  /// The step size.
  public let learningRate: Double

  /// What was measured: by quantity, then by tensor.
  public let quantities: [String: [String: Double]]

  /// Makes a row.
  public init(
    epoch: Int, step: Int, iteration: Int, samples: Int, loss: Double, runningAccuracy: Double,
    learningRate: Double, quantities: [String: [String: Double]]
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

/// The result of a test pass.
public struct TestRow: Codable, Equatable, Sendable {
  /// Counted from 1.
  public let epoch: Int

  /// The mean loss over the test images.
  public let loss: Double

  /// Right answers.
  public let correct: Int

  /// Test images.
  public let total: Int

  /// Makes a row.
  public init(epoch: Int, loss: Double, correct: Int, total: Int) {
    self.epoch = epoch
    self.loss = loss
    self.correct = correct
    self.total = total
  }

  /// Reads a row; a file may say anything, so its counts are checked.
  ///
  /// - Throws: `DecodingError` for a row of another form, or counts that can't be.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    epoch = try container.decode(Int.self, forKey: .epoch)
    loss = try container.decode(Double.self, forKey: .loss)
    correct = try container.decode(Int.self, forKey: .correct)
    total = try container.decode(Int.self, forKey: .total)
    guard TrainingPlan.epochLimits.contains(epoch), total > 0, (0...total).contains(correct) else {
      throw DecodingError.dataCorruptedError(
        forKey: .total, in: container,
        debugDescription: "\(correct) of \(total) images right after epoch \(epoch)")
    }
  }

  /// The right answers in percent.
  public var accuracy: Double { 100 * Double(correct) / Double(total) }
}

extension MetricsRow: Codable {
  private enum Kind: String, Codable {
    case ceiling, train, test, snapshot
  }

  private enum KindKey: String, CodingKey {
    case kind
  }

  /// Reads a row by its `kind`.
  ///
  /// - Throws: `DecodingError` for a row of another form.
  public init(from decoder: any Decoder) throws {
    switch try decoder.container(keyedBy: KindKey.self).decode(Kind.self, forKey: .kind) {
    case .ceiling: self = .ceiling(try CeilingRow(from: decoder))
    case .train: self = .train(try TrainRow(from: decoder))
    case .test: self = .test(try TestRow(from: decoder))
    case .snapshot: self = .snapshot(try SnapshotRow(from: decoder))
    }
  }

  /// Writes the row's fields and its `kind`.
  ///
  /// - Throws: `EncodingError` for a number that is not finite.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: KindKey.self)
    switch self {
    case .ceiling(let row):
      try container.encode(Kind.ceiling, forKey: .kind)
      try row.encode(to: encoder)
    case .train(let row):
      try container.encode(Kind.train, forKey: .kind)
      try row.encode(to: encoder)
    case .test(let row):
      try container.encode(Kind.test, forKey: .kind)
      try row.encode(to: encoder)
    case .snapshot(let row):
      try container.encode(Kind.snapshot, forKey: .kind)
      try row.encode(to: encoder)
    }
  }
}

extension TrainRow: Codable {
  private enum Field: String, CaseIterable {
    case epoch, step, iteration, samples, loss
    case runningAccuracy = "running_accuracy"
    case learningRate = "learning_rate"
  }

  /// A field of the row, or the name of a quantity beside the fields.
  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(_ field: Field) { stringValue = field.rawValue }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  /// Reads a row; keys beside the fields are quantities, tables of numbers.
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
    // One more is the number of updates made, everywhere.
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

  /// Writes the fields, and each quantity under its own name.
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
