// Hyper-parameters in experiments: keys of runs, and lists that expand to combinations.

import ZerOInitializers
import ZerORequirements
import ZerOTraining

extension TrainingPlan {
  /// The keys of a run.
  static let runKeys = settings.filter { !$0.isInMeasure }.map(\.key)

  /// The keys of the `training` table.
  static let trainingKeys = settings.filter { $0.place == .training }.map(\.key)

  /// Replaces one value.
  ///
  /// - Parameters:
  ///   - key: A key of `settings`; any other key changes nothing.
  ///   - value: A single value.
  /// - Throws: `ExperimentError.wrongValue`.
  mutating func set(_ key: String, to value: YAMLValue) throws(ExperimentError) {
    guard let setting = Self.setting(key) else {
      requirementFailure("'\(key)' is not a key of a run")
    }
    guard setting.key == "init", value.isTable else {
      set(setting, to: try value.value(of: setting))
      return
    }
    // One initializer by default, and others by name patterns.
    let pairs = value.pairs
    guard let standard = pairs.first(where: { $0.key == "default" }) else {
      throw .missingKey(path: value.path, line: value.line, key: "default")
    }
    initializer = try standard.value.string()
    initRules = []
    for (pattern, value) in pairs where pattern != "default" {
      initRules.append("\(pattern)=\(try value.string())")
    }
  }

  /// The keys of the table `model`, beside its family.
  static let modelKeys = [
    "width", "depth", "blocks", "widths", "activation", "norm", "residual", "bias",
  ]

  /// The values that the combinations of a run vary over: the elements of a list, unless the setting is itself a list.
  static func variants(_ key: String, _ value: YAMLValue) throws(ExperimentError)
    -> [YAMLValue]
  {
    setting(key)?.isList == true ? [value] : try value.someElements()
  }

  /// The key of the number of seeds.
  static let repeatKey = "repeat"

  /// The plans of one entry of `runs`: the product of all its lists; the first key varies slowest.
  ///
  /// With `repeat: N` each plan is repeated with N seeds: repetition k, counted from 0, has `seed + k` and
  /// `model_seed + k`.
  ///
  /// - Parameters:
  ///   - entry: Hyper-parameters, each with a value or a list.
  ///   - given: The keys that are stated outside the entry.
  ///   - initializers: The catalog that must contain the initializers; `nil` accepts any name.
  /// - Returns: Valid plans.
  /// - Throws: `ExperimentError` for a value of the wrong type or an invalid plan.
  func grid(
    _ entry: YAMLMapping, given: Set<String>, _ initializers: InitializerCatalog?
  ) throws(ExperimentError) -> [TrainingPlan] {
    // Counted first: a short text can describe more runs than fit into memory.
    var count = 1
    for (key, value) in entry.all {
      let factor =
        key == Self.repeatKey ? max(1, try value.integer()) : try Self.variants(key, value).count
      let (product, overflows) = count.multipliedReportingOverflow(by: factor)
      count = overflows ? .max : product
    }
    guard count <= Experiment.maximumRuns else {
      throw .tooManyRuns(path: entry.path, line: entry.line)
    }
    if entry["init_rules"] != nil, let value = entry["init"], value.isTable {
      throw value.wrong(
        expected: "a name beside 'init_rules'", found: "a table that sets rules, too")
    }
    var plans = [self]
    for (key, value) in entry.all where key != Self.repeatKey {
      var next: [TrainingPlan] = []
      for plan in plans {
        for element in try Self.variants(key, value) {
          var variant = plan
          try variant.set(key, to: element)
          next.append(variant)
        }
      }
      plans = next
    }
    for index in plans.indices {
      plans[index].useDefaults(unless: given.union(entry.all.map(\.key)))
      if plans[index].width == 0, entry["width"] == nil { _ = try entry.required("width") }
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
        try plan.validate(initializers: initializers)
      } catch {
        throw .badPlan(path: entry.path, line: entry.line, error: error)
      }
    }
    return plans
  }
}
