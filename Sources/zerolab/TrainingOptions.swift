// The notebook's own arguments.

import ArgumentParser
import Datasets
import Measurements
import Training

/// What determines a single run.
struct TrainingOptions: ParsableArguments {
  @OptionGroup var network: NetworkOptions

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

  @Option(
    help: "How units that start as copies are trained: dense, each for itself, or exact, as one.")
  var ties = Ties.dense

  @Option(
    parsing: .unconditional, help: "Seeds the order of the batches; 1 by default.",
    transform: Seed.parse)
  var seed: UInt64 = 1

  @Option(
    parsing: .unconditional,
    help: "Updates from one log line to the next; the last update is measured, too.")
  var logInterval = 50

  @Option(
    help: "What is measured at each log line; may be repeated. By default both ranks.",
    completion: .list(MeasurementCatalog.names))
  var measure: [String] = []

  @Option(
    parsing: .unconditional,
    help: "How many times spectra and maps of the weights are recorded: 3 is start, middle and end."
  )
  var snapshots = 3

  @Flag(help: "Measure nothing: log lines only.")
  var noMeasure = false

  @Option(
    help: "A data set's name, or a folder with four IDX files.",
    completion: .names(DatasetSource.catalog.map(\.name)))
  var data = "mnist"

  func validate() throws {
    if noMeasure, !measure.isEmpty {
      throw ValidationError("--measure and --no-measure exclude each other")
    }
  }

  /// The plan, with a model seed chosen where one is needed and none was given.
  func plan() throws -> TrainingPlan {
    var plan = try network.plan()
    plan.batchSize = batchSize
    plan.testBatchSize = testBatchSize
    plan.epochs = epochs
    plan.learningRate = learningRate
    plan.gamma = gamma
    plan.stepSize = stepSize
    plan.seed = seed
    plan.ties = ties
    plan.measureEvery = logInterval
    if noMeasure { plan.quantities = [] } else if !measure.isEmpty { plan.quantities = measure }
    for name in plan.quantities { _ = try MeasurementCatalog.entry(named: name) }
    plan.snapshots = snapshots
    plan.data = data
    try plan.validate()
    return plan
  }
}
