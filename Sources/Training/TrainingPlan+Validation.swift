// A plan is checked before anything is read, built or written.

public import Initializers

/// Why a plan can't be carried out.
public enum PlanError: Error, Equatable, CustomStringConvertible {
  /// A count below its smallest sensible value.
  case tooSmall(key: String, value: Int, minimum: Int)

  /// A NaN, an infinity or a negative rate.
  case notARate(key: String, value: Double)

  /// The initialiser has no such name, or no value for a layer.
  case initialization(InitializationError)

  /// More images a batch than there are.
  case batchLargerThanData(batchSize: Int, count: Int)

  /// A network that no memory holds.
  case tooWide(Int)

  /// The error and its mend, in one line.
  public var description: String {
    switch self {
    case .tooSmall(let key, let value, let minimum):
      "\(key) is \(value); it must be at least \(minimum)"
    case .notARate(let key, let value):
      "\(key) is \(value); it must be a finite number, 0 or more"
    case .initialization(let error): error.description
    case .batchLargerThanData(let batchSize, let count):
      "batch_size is \(batchSize), but there are \(count) training images; take at most \(count)"
    case .tooWide(let width):
      "width is \(width); it may be at most \(TrainingPlan.maximumWidth)"
    }
  }
}

extension TrainingPlan {
  /// The widest network that is tried: its square layer alone takes 16 GiB.
  public static let maximumWidth = 65_536

  /// Checks all that can be checked without the data.
  ///
  /// - Throws: `PlanError`, naming the key as it stands in files.
  public func validate() throws(PlanError) {
    let counts: [(CodingKeys, Int)] = [
      (.width, width), (.epochs, epochs), (.batchSize, batchSize),
      (.testBatchSize, testBatchSize), (.stepSize, stepSize), (.measureEvery, measureEvery),
    ]
    for (key, value) in counts where value < 1 {
      throw .tooSmall(key: key.rawValue, value: value, minimum: 1)
    }
    guard width <= Self.maximumWidth else { throw .tooWide(width) }
    for (key, value) in [(CodingKeys.learningRate, learningRate), (.gamma, gamma)]
    where !value.isFinite || value < 0 {
      throw .notARate(key: key.rawValue, value: value)
    }
    if let bias, !bias.isFinite { throw .notARate(key: CodingKeys.bias.rawValue, value: bias) }
    do {
      _ = try InitializerCatalog.entry(named: initializer)
    } catch {
      throw .initialization(error)
    }
  }
}
