// Training keys in experiment files: the same names as in plan.json.

import Training

extension TrainingPlan {
  /// The keys of a run, and of the `training` table.
  static let runKeys = CodingKeys.allCases.filter {
    !$0.isAboutRecords && $0 != .measureEvery
  }.map(\.rawValue)

  /// The keys of the `training` table: all but what names a run.
  static let trainingKeys = runKeys.filter {
    ![CodingKeys.data, .initializer, .width].map(\.rawValue).contains($0)
  }

  /// Sets one field.
  ///
  /// - Parameters:
  ///   - key: One of `runKeys`.
  ///   - value: A single value.
  /// - Throws: `ExperimentError.wrongValue`.
  mutating func set(_ key: String, to value: YAMLValue) throws(ExperimentError) {
    switch CodingKeys(rawValue: key) {
    case .data: data = try value.string()
    case .initializer: initializer = try value.string()
    case .width: width = try value.integer()
    case .depth: depth = try value.integer()
    case .modelSeed: modelSeed = try value.seed()
    case .seed: seed = try value.seed()
    case .epochs: epochs = try value.integer()
    case .batchSize: batchSize = try value.integer()
    case .testBatchSize: testBatchSize = try value.integer()
    case .learningRate: learningRate = try value.number()
    case .gamma: gamma = try value.number()
    case .stepSize: stepSize = try value.integer()
    case .bias: bias = value.isNone ? nil : try value.number()
    case .ties: ties = try value.ties()
    case .measureEvery: measureEvery = try value.integer()
    case .snapshots: snapshots = try value.integer()
    case .quantities, nil:
      preconditionFailure("'\(key)' is no key of a run")
    }
  }

  /// How many seeds each plan of an entry is tried with.
  static let repeatKey = "repeat"

  /// The plans of one entry of `runs`: the product of all its lists, the first key slowest.
  ///
  /// With `repeat: N` each is tried with N seeds: the k-th time, counted from 0, with `seed + k` and
  /// `model_seed + k`.
  ///
  /// - Parameter entry: Keys of a run; any of them may have a list.
  /// - Returns: Valid plans.
  /// - Throws: `ExperimentError` for a value of the wrong kind or a plan that can't be carried out.
  func grid(_ entry: YAMLMapping) throws(ExperimentError) -> [TrainingPlan] {
    // Counted first: a short text can ask for more runs than memory holds.
    var count = 1
    for (key, value) in entry.all {
      let factor = key == Self.repeatKey ? max(1, try value.integer()) : value.elements.count
      let (product, overflows) = count.multipliedReportingOverflow(by: factor)
      count = overflows ? .max : product
    }
    guard count <= Experiment.maximumRuns else {
      throw .tooManyRuns(path: entry.path, line: entry.line)
    }
    var plans = [self]
    for (key, value) in entry.all where key != Self.repeatKey {
      var next: [TrainingPlan] = []
      for plan in plans {
        for element in try value.someElements() {
          var variant = plan
          try variant.set(key, to: element)
          next.append(variant)
        }
      }
      plans = next
    }
    if let value = entry[Self.repeatKey] {
      let count = try value.integer()
      guard (1...Experiment.maximumRuns).contains(count),
        plans.allSatisfy({ max($0.seed, $0.modelSeed) <= UInt64.max - UInt64(count) })
      else {
        throw value.wrong(
          expected: "a number of seeds from 1 to \(Experiment.maximumRuns)")
      }
      plans = plans.flatMap { plan in
        (0..<UInt64(count)).map { number in
          var repeated = plan
          repeated.seed += number
          repeated.modelSeed += number
          return repeated
        }
      }
    }
    for plan in plans {
      do {
        try plan.validate()
      } catch {
        throw .badPlan(path: entry.path, line: entry.line, error: error)
      }
    }
    return plans
  }
}
