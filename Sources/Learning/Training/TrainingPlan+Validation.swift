// A plan is checked before anything is read, built or written.

public import Initializers

/// Why a plan can't be carried out.
public enum PlanError: Error, Equatable, CustomStringConvertible {
  /// A count that is none, or beyond any use.
  case outOfRange(key: String, value: Int, allowed: ClosedRange<Int>)

  /// A NaN, an infinity, a number beyond single precision or a negative rate.
  case notARate(key: String, value: Double)

  /// A bias that is a NaN, an infinity or beyond single precision.
  case notANumber(key: String, value: Double)

  /// The initializer has no such name, or no value for a layer.
  case initialization(InitializationError)

  /// More images a batch than there are.
  case batchLargerThanData(batchSize: Int, count: Int)

  /// A network that no memory holds.
  case tooManyParameters(inputDimension: Int, width: Int, depth: Int)

  /// A record that exact ties don't make.
  case notWithExactTies(String)

  /// The name of an initializer that this build doesn't have; `nil` for other errors.
  public var unknownInitializer: String? {
    if case .initialization(.unknownName(let name)) = self { name } else { nil }
  }

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
    case .notWithExactTies(let record):
      "\(record) shows every unit of a dense run; leave exact ties out"
    case .initialization(let error): error.description
    case .batchLargerThanData(let batchSize, let count):
      "batch_size is \(batchSize), but there are \(count) training images; take at most \(count)"
    case .tooManyParameters(let inputDimension, let width, let depth):
      "a network for images of \(inputDimension) pixels with width \(width) and depth \(depth) has "
        + "more than \(TrainingPlan.maximumParameters) weights; take less of one of them"
    }
  }
}

extension TrainingPlan {
  /// The largest network that is tried: its weights take 16 GiB and a little.
  public static let maximumParameters = 1 << 32 + 1 << 28

  /// How many epochs a run may have.
  public static let epochLimits = 1...1_000_000

  /// What each count may be: far beyond any use, and far below where arithmetic overflows.
  private static let counts: [CodingKeys: ClosedRange<Int>] = [
    .width: 1...65_536, .epochs: epochLimits, .batchSize: 1...1_000_000_000,
    .testBatchSize: 1...1_000_000_000, .stepSize: 1...1_000_000_000,
    .measureEvery: 1...1_000_000_000, .depth: 1...10_000,
    .snapshots: 0...1000,
  ]

  /// Checks all that can be checked without the data.
  ///
  /// - Throws: `PlanError`, naming the key as it stands in files.
  public func validate() throws(PlanError) {
    let counts: [(CodingKeys, Int)] = [
      (.width, width), (.depth, depth), (.epochs, epochs), (.batchSize, batchSize),
      (.testBatchSize, testBatchSize), (.stepSize, stepSize), (.measureEvery, measureEvery),
      (.snapshots, snapshots),
    ]
    for (key, value) in counts {
      guard let allowed = Self.counts[key], !allowed.contains(value) else { continue }
      throw .outOfRange(key: key.rawValue, value: value, allowed: allowed)
    }
    for (key, value) in [(CodingKeys.learningRate, learningRate), (.gamma, gamma)]
    where !Float(value).isFinite || value < 0 {
      throw .notARate(key: key.rawValue, value: value)
    }
    if let bias, !Float(bias).isFinite {
      throw .notANumber(key: CodingKeys.bias.rawValue, value: bias)
    }
    do {
      _ = try InitializerCatalog.entry(named: initializer)
    } catch {
      throw .initialization(error)
    }
  }
}
