// What determines the network that training starts from.

import ArgumentParser
import Initializers
import Training

/// The initial network, but for its inputs and classes.
struct NetworkOptions: ParsableArguments {
  @Option(
    name: .customLong("init"), help: "The initializer; see 'zerolab list'.",
    completion: .list(InitializerCatalog.names))
  var initializer: String

  @Option(parsing: .unconditional, help: "n_h, the number of hidden units.")
  var width = 1024

  @Option(parsing: .unconditional, help: "The number of square layers, n_h x n_h.")
  var depth = 1

  @Option(parsing: .unconditional, help: "What every bias starts from; 0.01 by default.")
  var bias: Double?

  @Flag(help: "A network without biases.")
  var noBias = false

  @Option(
    parsing: .unconditional,
    help: "Seeds random weights; chosen and printed when an initializer needs one.",
    transform: Seed.parse)
  var modelSeed: UInt64?

  func validate() throws {
    if noBias, bias != nil { throw ValidationError("--bias and --no-bias exclude each other") }
  }

  /// The notebook's plan for the network, with a model seed chosen where one is needed and none was given.
  func plan() throws -> TrainingPlan {
    let entry = try InitializerCatalog.entry(named: initializer)
    var plan = TrainingPlan(initializer: initializer, width: width)
    plan.depth = depth
    plan.modelSeed = modelSeed ?? entry.chosenSeed()
    if let bias { plan.bias = bias }
    if noBias { plan.bias = nil }
    return plan
  }

  /// Says which seed was chosen, where it was.
  func reportSeed(of plan: TrainingPlan) throws {
    guard modelSeed == nil else { return }
    try InitializerCatalog.entry(named: initializer).report(chosenSeed: plan.modelSeed)
  }
}

extension InitializerEntry {
  /// A seed for an initializer that draws, 0 for one that doesn't.
  func chosenSeed() -> UInt64 { isRandom ? .random(in: 0...UInt64(UInt32.max)) : 0 }

  /// Says which seed was chosen, so that the draw can be repeated.
  func report(chosenSeed seed: UInt64) {
    if isRandom { standardError("\(name) draws at random; chosen seed: \(seed)\n") }
  }
}
