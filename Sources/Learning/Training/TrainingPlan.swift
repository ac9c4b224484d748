// Everything about a run that is chosen, in one value. Two runs with equal plans and data, on the same
// BLAS kernel and C library, have equal results, bit for bit; nothing else may influence them.

import Networks

/// The hyper-parameters of one training run, with the notebook's defaults.
///
/// Written as `plan.json` into every run's folder; the keys are those of experiment files.
public struct TrainingPlan: Codable, Hashable, Sendable {
  /// The data set, a known name or a folder.
  public var data = "mnist"

  /// The name of the initializer, as in the catalog.
  public var initializer: String

  /// n_h, the number of hidden units.
  public var width: Int

  /// The number of square layers, n_h × n_h.
  public var depth = 1

  /// Seeds the initial weights.
  public var modelSeed: UInt64 = 0

  /// Seeds the order of the batches.
  public var seed: UInt64 = 1

  /// Passes over the training images.
  public var epochs = 1

  /// Images an update.
  public var batchSize = 64

  /// Images a batch of the test pass; it does not change results but in rounding.
  public var testBatchSize = 1000

  /// The step size of the first epoch.
  public var learningRate = 0.1

  /// The factor of each drop of the learning rate.
  public var gamma = 0.7

  /// Epochs from one drop to the next.
  public var stepSize = 12

  /// What every bias starts from; `nil` for a network without biases.
  public var bias: Double? = 0.01

  /// How hidden units are trained that start as copies of each other.
  public var ties = Ties.dense

  /// Updates from one measurement to the next; the last update of the run is measured as well.
  public var measureEvery = 50

  /// The names of what is measured.
  public var quantities = ["rank", "rank_from_start"]

  /// How many times the whole spectrum and a map of the measured weights are recorded, evenly over the
  /// updates from the start to the end; none without quantities.
  public var snapshots = 3

  /// Makes the notebook's plan for an initializer and a width.
  ///
  /// - Parameters:
  ///   - initializer: A name of the catalog; checked by `validate()`.
  ///   - width: n_h.
  public init(initializer: String, width: Int) {
    self.initializer = initializer
    self.width = width
  }

  /// The updates of an epoch; the last batch may be smaller.
  ///
  /// - Parameter sampleCount: The training images.
  /// - Returns: ⌈images / batch size⌉.
  public func updatesPerEpoch(sampleCount: Int) -> Int {
    (sampleCount + batchSize - 1) / batchSize
  }

  /// Whether an update is measured: every `measureEvery`-th of an epoch, the first included, and the last of the run.
  ///
  /// - Parameters:
  ///   - step: The update within the epoch, counted from 0.
  ///   - epoch: Counted from 1.
  ///   - updatesPerEpoch: The updates of an epoch.
  /// - Returns: Of the last update `true`, whatever the interval.
  public func measures(step: Int, of epoch: Int, updatesPerEpoch: Int) -> Bool {
    step.isMultiple(of: measureEvery) || epoch == epochs && step == updatesPerEpoch - 1
  }

  /// The number of updates made at a position.
  ///
  /// - Parameters:
  ///   - position: Within this plan's run.
  ///   - sampleCount: The training images.
  /// - Returns: Those of whole epochs, and of the one under way.
  public func updates(at position: TrainingPosition, sampleCount: Int) -> Int {
    (position.epoch - 1) * updatesPerEpoch(sampleCount: sampleCount) + position.step
  }

  /// The numbers of updates after which a snapshot is taken, with `snapshots` = 3 start, middle and end.
  ///
  /// - Parameter sampleCount: The training images.
  /// - Returns: In order, each once; the last one alone for a single snapshot.
  public func snapshotUpdates(sampleCount: Int) -> [Int] {
    guard !quantities.isEmpty else { return [] }
    let last = epochs * updatesPerEpoch(sampleCount: sampleCount)
    let spaces = max(1, snapshots - 1)
    let places = (0..<snapshots).map { (snapshots == 1 ? 1 : $0) * last / spaces }
    return places.reduce(into: []) { if $0.last != $1 { $0.append($1) } }
  }

  /// The tensors whose ranks are measured, the weights of the square layers: `l3.weight` and so on.
  public var measuredWeights: [String] {
    measuredLayers.map(\.weight)
  }

  /// The biases of the measured layers, `l3.bias` and so on; none for a network without biases.
  public var measuredBiases: [String] { bias == nil ? [] : measuredLayers.map(\.bias) }

  private var measuredLayers: [LayerName] {
    (0..<depth).map { LayerName(index: Architecture.firstMeasuredLayer + $0) }
  }

  /// The names of the fields in files.
  public enum CodingKeys: String, CodingKey, CaseIterable {
    /// The data set.
    case data
    /// The initializer.
    case initializer = "init"
    /// The number of hidden units.
    case width
    /// The number of square layers.
    case depth
    /// The seed of the weights.
    case modelSeed = "model_seed"
    /// The seed of the order.
    case seed
    /// The passes.
    case epochs
    /// The batch size.
    case batchSize = "batch_size"
    /// The test batch size.
    case testBatchSize = "test_batch_size"
    /// The step size.
    case learningRate = "learning_rate"
    /// The factor of a drop.
    case gamma
    /// The epochs between drops.
    case stepSize = "step_size"
    /// The initial bias.
    case bias
    /// How copies are trained.
    case ties
    /// The measuring interval.
    case measureEvery = "measure_every"
    /// The measured quantities.
    case quantities
    /// The number of snapshots.
    case snapshots

    /// Whether the field only chooses what is written down of a run.
    public var isAboutRecords: Bool { self == .quantities || self == .snapshots }
  }
}
