// Options for the settings of a run, shared by train and ceiling.

import ArgumentParser
import ZerOInitializers
import ZerOMeasurements
import ZerOTraining

/// The initial network, except for its inputs and classes.
struct NetworkOptions<Selection: SettingSelection>: ParsableArguments {
  @OptionGroup var settings: SettingOptions<Selection>

  /// Whether `--model-seed` was given.
  var hasModelSeed: Bool { settings.contains("model_seed") }

  /// The plan with the given values; a random initializer without `--model-seed` gets a drawn seed.
  func plan() throws -> TrainingPlan {
    var plan = TrainingPlan(initializer: "", width: 0)
    settings.apply(to: &plan)
    plan.useDefaults(unless: settings.givenKeys)
    if !hasModelSeed { plan.modelSeed = try Self.seedUser(of: plan).chosenSeed() }
    return plan
  }

  /// The first random initializer of a plan, or else the default one.
  private static func seedUser(of plan: TrainingPlan) throws -> InitializerEntry {
    var entries: [InitializerEntry] = []
    for name in plan.initializerNames {
      entries.append(try InitializerCatalog.builtIn.entry(named: name))
    }
    return entries.first(where: \.isRandom) ?? entries[0]
  }

  /// Prints the drawn seed, if one was drawn.
  func reportSeed(of plan: TrainingPlan) throws {
    guard !hasModelSeed else { return }
    try Self.seedUser(of: plan).report(chosenSeed: plan.modelSeed, option: "--model-seed")
  }
}

extension InitializerEntry {
  /// A drawn seed for a random initializer, otherwise 0.
  func chosenSeed() -> UInt64 { isRandom ? .random(in: 0...UInt64(UInt32.max)) : 0 }

  /// Prints the drawn seed and the option that reproduces the weights with it.
  func report(chosenSeed seed: UInt64, option: String) {
    if isRandom {
      standardError("\(name) is random; seed \(seed) was chosen (set \(option) to reproduce)\n")
    }
  }
}

/// All settings of a run.
struct TrainingOptions: ParsableArguments {
  @OptionGroup var network: NetworkOptions<NetworkSettings>

  @OptionGroup var settings: SettingOptions<OtherSettings>

  /// The plan with the given values, valid as far as can be checked without the data.
  func plan() throws -> TrainingPlan {
    var plan = try network.plan()
    settings.apply(to: &plan)
    plan.useDefaults(unless: settings.givenKeys.union(network.settings.givenKeys))
    plan.quantities = MeasurementCatalog.expanded(plan.quantities)
    try MeasurementCatalog.builtIn.check(plan.quantities)
    try plan.validate()
    return plan
  }
}
