// The notebook's own arguments.

import ArgumentParser
import Datasets
import Initializers
import Measurements
import Training

/// What determines a single run.
struct TrainingOptions: ParsableArguments {
  @Option(
    name: .customLong("init"), help: "The initialiser; see 'zerolab list'.",
    completion: .list(InitializerCatalog.names))
  var initializer: String

  @Option(parsing: .unconditional, help: "n_h, the number of hidden units.")
  var width = 1024

  @Option(parsing: .unconditional, help: "The number of square layers, n_h x n_h.")
  var depth = 1

  @Option(parsing: .unconditional, help: "Images an update.")
  var batchSize = 64

  @Option(parsing: .unconditional, help: "Images a batch of the test pass.")
  var testBatchSize = 1000

  @Option(parsing: .unconditional, help: "Passes over the training images.")
  var epochs = 1

  @Option(
    name: .customLong("lr"), parsing: .unconditional, help: "The learning rate of the first epoch.")
  var learningRate = 0.1

  @Option(parsing: .unconditional, help: "The factor of each drop of the learning rate.")
  var gamma = 0.7

  @Option(parsing: .unconditional, help: "Epochs from one drop to the next.")
  var stepSize = 12

  @Option(help: "Seeds the order of the batches.")
  var seed: UInt64 = 1

  @Option(help: "Seeds random weights; chosen and printed when an initialiser needs one.")
  var modelSeed: UInt64?

  @Option(parsing: .unconditional, help: "Updates from one log line to the next.")
  var logInterval = 50

  @Option(
    help: "What is measured at each log line; may be repeated. By default everything.",
    completion: .list(MeasurementCatalog.names))
  var measure: [String] = []

  @Option(
    parsing: .unconditional,
    help: "How many times spectra and maps of the weights are recorded: 3 is start, middle and end."
  )
  var snapshots = 3

  @Flag(help: "Measure nothing: log lines only.")
  var noMeasure = false

  @Option(parsing: .unconditional, help: "What every bias starts from; 0.01 by default.")
  var bias: Double?

  @Flag(help: "A network without biases.")
  var noBias = false

  @Option(
    help: "A data set's name, or a folder with four IDX files.",
    completion: .names(DatasetSource.catalog.map(\.name)))
  var data = "mnist"

  func validate() throws {
    if noMeasure, !measure.isEmpty {
      throw ValidationError("--measure and --no-measure exclude each other")
    }
    if noBias, bias != nil { throw ValidationError("--bias and --no-bias exclude each other") }
  }

  /// The plan, with a model seed chosen where one is needed and none was given.
  func plan() throws -> TrainingPlan {
    let entry = try InitializerCatalog.entry(named: initializer)
    var plan = TrainingPlan(initializer: initializer, width: width)
    plan.depth = depth
    plan.batchSize = batchSize
    plan.testBatchSize = testBatchSize
    plan.epochs = epochs
    plan.learningRate = learningRate
    plan.gamma = gamma
    plan.stepSize = stepSize
    plan.seed = seed
    plan.modelSeed = modelSeed ?? entry.chosenSeed()
    plan.measureEvery = logInterval
    if noMeasure { plan.quantities = [] } else if !measure.isEmpty { plan.quantities = measure }
    for name in plan.quantities { _ = try MeasurementCatalog.entry(named: name) }
    plan.snapshots = snapshots
    if let bias { plan.bias = bias }
    if noBias { plan.bias = nil }
    plan.data = data
    try plan.validate()
    return plan
  }
}

extension InitializerEntry {
  /// A seed for an initialiser that draws, 0 for one that doesn't.
  func chosenSeed() -> UInt64 { isRandom ? .random(in: 0...UInt64(UInt32.max)) : 0 }

  /// Says which seed was chosen, so that the draw can be repeated.
  func report(chosenSeed seed: UInt64) {
    if isRandom { standardError("\(name) draws at random; chosen seed: \(seed)\n") }
  }
}
