// Errors of a plan, found before anything is read, made or written.

public import ZerOInitializers
import ZerOMessages
public import ZerONetworks

/// The reason why a plan is invalid.
public enum PlanError: Error, Equatable, CustomStringConvertible {
  /// A whole number outside its range.
  case outOfRange(key: String, value: Int, allowed: ClosedRange<Int>)

  /// A rate that is NaN, infinite, negative or beyond single precision.
  case notARate(key: String, value: Double)

  /// A number that is NaN, infinite or beyond single precision.
  case notANumber(key: String, value: Double)

  /// An unknown initializer, or one that is not defined for a layer's shape.
  case initialization(InitializationError)

  /// A name that no catalog can contain.
  case invalidName(key: String, name: String)

  /// A batch size above the number of training images.
  case batchLargerThanData(batchSize: Int, count: Int)

  /// A network with more than `TrainingPlan.maximumParameters` weights.
  case tooManyParameters(inputDimension: Int, width: Int, depth: Int)

  /// Settings that no model can have.
  case model(ModelError)

  /// A name that is none of the known ones.
  case unknownName(key: String, name: String, known: [String])

  /// A number above its largest value.
  case aboveLimit(key: String, value: Double, limit: Double)

  /// A setting that has no effect beside another one.
  case contradiction(key: String, value: String, because: String)

  /// A value that a list contains twice.
  case repetition(key: String, name: String)

  /// A rule or pattern that matches no weight of the model.
  case matchesNothing(key: String, pattern: String, weights: [String])

  /// A learning rate that overflows single precision.
  case rateOverflows(update: Int)

  /// A record that symmetry reduction cannot produce.
  case needsDenseTraining(String)

  /// The error and its fix, in one line.
  public var description: String {
    switch self {
    case .outOfRange(let key, let value, let allowed):
      value < allowed.lowerBound
        ? "\(key) is \(value); it must be at least \(allowed.lowerBound)"
        : "\(key) is \(value); it may be at most \(allowed.upperBound)"
    case .notARate(let key, let value):
      "\(key) is \(value); it must be a finite number in single precision, 0 or more"
    case .notANumber(let key, let value):
      "\(key) is \(value); it must be a finite number in single precision"
    case .needsDenseTraining(let record):
      "\(record) contains every unit, so it needs symmetry dense, not reduced"
    case .initialization(let error): error.description
    case .model(let error): error.description
    case .unknownName(let key, let name, let known):
      "\(key): unknown name '\(name)': " + suggestion(for: name, among: known)
    case .aboveLimit(let key, let value, let limit):
      "\(key) is \(value); it may be at most \(limit)"
    case .contradiction(let key, let value, let because):
      "\(key) is \(value), but \(because)"
    case .repetition(let key, let name):
      "\(key): '\(name)' is listed twice; remove one"
    case .matchesNothing(let key, let pattern, let weights):
      "\(key): '\(pattern)' matches no weight of the model; its weights are \(weights.prefix(6).joined(separator: ", "))"
        + (weights.count > 6 ? " and \(weights.count - 6) more" : "")
    case .rateOverflows(let update):
      "the learning rate of update \(update) is not a finite number in single precision; use a smaller learning_rate or gamma"
    case .invalidName(let key, let name):
      "\(key): '\(name)' is not a name; use a letter, then letters, digits and underscores"
    case .batchLargerThanData(let batchSize, let count):
      "batch_size is \(batchSize), but there are \(count) training images; use at most \(count)"
    case .tooManyParameters(let inputDimension, let width, let depth):
      "a network for images of \(inputDimension) pixels with width \(width) and depth \(depth) has "
        + "more than \(TrainingPlan.maximumParameters) weights; reduce one of them"
    }
  }
}

extension TrainingPlan {
  /// The largest number of weights, slightly above 16 GiB in single precision.
  public static let maximumParameters = 1 << 32 + 1 << 28
}
