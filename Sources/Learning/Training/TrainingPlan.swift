// All hyper-parameters of a run, in one value, and the table that describes them. Two runs with equal plans and data,
// on the same kernels and C library, have equal results, bit for bit.

public import ZerONetworks
public import ZerOOptimizers

/// The hyper-parameters of one training run, with the defaults of the reference notebook.
///
/// A new hyper-parameter is a stored property and an entry of `settings`: files, command line, tables and reference
/// follow from the entry.
public struct TrainingPlan: Hashable, Sendable {
  /// The data set: a known name or a folder.
  public var data = "mnist"

  /// The classes to keep, as texts; empty for all.
  public var classes: [String] = []

  /// The number of training images, the first ones; 0 for all.
  public var trainImages = 0

  /// The number of test images; 0 for all.
  public var testImages = 0

  /// Whether each channel is normalized by its mean and deviation over the training images.
  public var isNormalized = false

  /// The names of random changes of training images, of `ImageChange`.
  public var augment: [String] = []

  /// The name of the initializer in the catalog.
  public var initializer: String

  /// Initializers of weights whose names match a pattern, each as `pattern=initializer`; the most specific match counts, of equal ones the last.
  public var initRules: [String] = []

  /// The name of the model in the catalog.
  public var model = "mlp"

  /// n_h, the number of hidden units.
  public var width: Int

  /// The number of square layers, n_h × n_h.
  public var depth = 1

  /// The function after each hidden layer.
  public var activation = Activation.relu

  /// The numbers of blocks of a convolutional network's stages, as texts; empty for those of the model.
  public var blocks: [String] = []

  /// The numbers of channels of a convolutional network's stages, as texts; empty for `width` and its doubles.
  public var widths: [String] = []

  /// The normalization, of a multilayer perceptron before its square layers.
  public var norm = ModelNormalization.none

  /// Whether square layers are in residual blocks.
  public var isResidual = false

  /// The seed of the initial weights.
  public var modelSeed: UInt64 = 0

  /// The seed of the batch order.
  public var seed: UInt64 = 1

  /// Passes over the training images.
  public var epochs = 1

  /// Training batch size.
  public var batchSize = 64

  /// Test batch size; results depend on it in rounding only.
  public var testBatchSize = 1000

  /// The name of the optimizer in the catalog.
  public var optimizer = "sgd"

  /// μ of SGD.
  public var momentum = 0.0

  /// Whether the momentum is Nesterov's.
  public var isNesterov = false

  /// λ.
  public var weightDecay = 0.0

  /// The largest Euclidean norm of the gradient of all parameters; `nil` for any.
  public var clip: Double?

  /// The shape of the learning-rate schedule.
  public var scheduleKind = LearningRateSchedule.Kind.step

  /// Updates of a linear warm-up of the learning rate.
  public var warmup = 0

  /// ε of label smoothing in training, 0 to 1.
  public var labelSmoothing = 0.0

  /// The largest learning rate.
  public var learningRate = 0.1

  /// Learning-rate decay factor.
  public var gamma = 0.7

  /// Epochs between decays of the learning rate.
  public var stepSize = 12

  /// Initial value of every bias; `nil` for a network without biases.
  public var bias: Double? = 0.01

  /// The training of hidden units with identical initial weights.
  public var symmetry = SymmetryMode.dense

  /// Updates between measurements; the last update of the run is measured too.
  public var measureEvery = 50

  /// The names of the measured quantities.
  public var quantities = ["rank", "rank_from_start"]

  /// Patterns for the names of measured weights; empty for those of the model.
  public var tensors: [String] = []

  /// The number of snapshots, evenly spaced from start to end: spectrum and map of every measured weight.
  ///
  /// Without quantities there are no snapshots.
  public var snapshots = 3

  /// The allowed numbers of epochs.
  public static let epochLimits = 1...1_000_000

  /// Far above any useful number, and far below arithmetic overflow.
  private static let counts = 1...1_000_000_000

  /// Every setting, in the order of CSV columns.
  public static let settings: [Setting] = [
    Setting(
      "data", .text(\.data), mark: "on-", place: .experiment, mayBeMissing: false,
      help: "Data set: a known name, a folder of IDX, CIFAR or image files, or a .npz file."),
    Setting(
      "classes", .names(\.classes), mark: "classes",
      help: "Classes to keep, as numbers; all unless given."),
    Setting(
      "train_images", .integer(\.trainImages, 0...1_000_000_000), mark: "n", unit: "images",
      heading: "images",
      help: "Number of training images, the first ones of the classes; 0 for all."),
    Setting(
      "test_images", .integer(\.testImages, 0...1_000_000_000), mark: "tn", unit: "images",
      help: "Number of test images; 0 for all."),
    Setting(
      "normalize", .flag(\.isNormalized), mark: "normalized",
      help: "Whether each channel gets mean 0 and variance 1 over the training images."),
    Setting(
      "augment", .names(\.augment), mark: "augment-",
      help: "Random changes of training images: crop, after 4 zeros on each side, and flip."),
    Setting(
      "init", .text(\.initializer), mark: "", place: .run, describesNetwork: true,
      mayBeMissing: false, help: "Initializer; see 'zerolab list'."),
    Setting(
      "init_rules", .names(\.initRules), mark: "init-", option: "init-rule",
      heading: "rules", describesNetwork: true,
      help:
        "Initializers of weights by name, PATTERN=INITIALIZER, such as '*.last.weight=Zeros'; the most specific match counts."
    ),
    Setting(
      "model", .text(\.model), mark: "", place: .training, describesNetwork: true,
      help: "Model; see 'zerolab list'."),
    Setting(
      "width", .integer(\.width, 1...65_536), mark: "w", unit: "units", place: .run,
      describesNetwork: true, mayBeMissing: false,
      optionDefault: "1024",
      help:
        "n_h, the number of hidden units; of channels of the first stage (16 or 64 in residual networks)."
    ),
    Setting(
      "depth", .integer(\.depth, 1...10_000), mark: "d", unit: "layers", describesNetwork: true,
      help: "Number of square layers, n_h x n_h."),
    Setting(
      "activation", .choice(\.activation), mark: "", describesNetwork: true,
      help: "Function after each hidden layer."),
    Setting(
      "blocks", .names(\.blocks), mark: "blocks", unit: "blocks", describesNetwork: true,
      mayRepeat: true,
      help: "Numbers of blocks of a convolutional network's stages; none for those of the model."),
    Setting(
      "widths", .names(\.widths), mark: "widths", unit: "channels", describesNetwork: true,
      mayRepeat: true,
      help: "Numbers of channels of the stages; none for width, twice as many, and so on."),
    Setting(
      "norm", .choice(\.norm), mark: "norm-", describesNetwork: true,
      help: "Normalization; batch for residual networks, unless given."),
    Setting(
      "residual", .flag(\.isResidual), mark: "residual", describesNetwork: true,
      help: "Whether pairs of square layers are residual blocks."),
    Setting(
      "model_seed", .seed(\.modelSeed), mark: "m", describesNetwork: true, mayBeMissing: false,
      optionDefault: "drawn and printed for a random initializer",
      help: "Seed of the initial weights."),
    Setting(
      "seed", .seed(\.seed), mark: "s", describesUpdates: true, mayBeMissing: false,
      help: "Seed of the batch order."),
    Setting(
      "epochs", .integer(\.epochs, epochLimits), mark: "e", unit: "epochs", mayBeMissing: false,
      help: "Passes over the training images."),
    Setting(
      "batch_size", .integer(\.batchSize, counts), mark: "b", unit: "images", heading: "batch",
      describesUpdates: true, mayBeMissing: false, help: "Training batch size."),
    Setting(
      "test_batch_size", .integer(\.testBatchSize, counts), mark: "tb", unit: "images",
      heading: "test batch", mayBeMissing: false, help: "Test batch size."),
    Setting(
      "optimizer", .text(\.optimizer), mark: "",
      describesUpdates: true, help: "Optimizer; see 'zerolab list'."),
    Setting(
      "momentum", .rate(\.momentum), mark: "mu", describesUpdates: true, help: "Momentum of sgd."),
    Setting(
      "nesterov", .flag(\.isNesterov), mark: "nesterov",
      describesUpdates: true, help: "Whether the momentum is Nesterov's."),
    Setting(
      "weight_decay", .rate(\.weightDecay), mark: "wd", heading: "decay",
      describesUpdates: true, help: "Weight decay; 0.01 for adamw, unless given."),
    Setting(
      "clip", .optionalRate(\.clip), mark: "clip",
      describesUpdates: true, help: "Largest norm of the gradient of all parameters; none for any."),
    Setting(
      "schedule", .choice(\.scheduleKind), mark: "",
      describesUpdates: true,
      help: "Learning rate over the run: step (gamma, step_size), cosine to 0, or constant."),
    Setting(
      "warmup", .integer(\.warmup, 0...1_000_000_000), mark: "warmup", unit: "updates",
      describesUpdates: true, help: "Updates of a linear warm-up of the learning rate."),
    Setting(
      "label_smoothing", .rate(\.labelSmoothing), mark: "ls", heading: "smoothing",
      describesUpdates: true, help: "Label smoothing in training, 0 to 1."),
    Setting(
      "learning_rate", .rate(\.learningRate), mark: "lr", option: "lr", heading: "lr",
      describesUpdates: true, mayBeMissing: false,
      help: "Largest learning rate; 0.001 for adam and adamw, unless given."),
    Setting(
      "gamma", .rate(\.gamma), mark: "g", describesUpdates: true, mayBeMissing: false,
      help: "Learning-rate decay factor."),
    Setting(
      "step_size", .integer(\.stepSize, counts), mark: "ss", unit: "epochs", heading: "step",
      describesUpdates: true, mayBeMissing: false,
      help: "Epochs between decays of the learning rate."),
    Setting(
      "bias", .optionalNumber(\.bias), mark: "bias", describesNetwork: true, mayBeMissing: false,
      help: "Initial value of every bias; none for a network without biases."),
    Setting(
      "symmetry", .choice(\.symmetry), mark: "", recordKey: "ties", oldKeys: ["ties"],
      help: "Training of identical hidden units: dense, each on its own, or reduced, as one."),
    Setting(
      "measure_every", .integer(\.measureEvery, counts), mark: "every", unit: "updates",
      place: .measure("every"), option: "log-interval", heading: "every", mayBeMissing: false,
      help: "Updates between measurements; the last update is measured too."),
    Setting(
      "quantities", .names(\.quantities), mark: nil, place: .measure("quantities"),
      option: "measure", mayBeMissing: false,
      help: "Measured quantities; see 'zerolab list'. 'quantities' stands for all of W - W0."),
    Setting(
      "tensors", .names(\.tensors), mark: nil, place: .measure("tensors"), option: "tensor",
      help: "Patterns for the names of measured weights; none for the square layers."),
    Setting(
      "snapshots", .integer(\.snapshots, 0...1000), mark: nil, unit: "snapshots",
      place: .measure("snapshots"),
      help: "Number of snapshots, spectrum and map of each measured weight, evenly spaced."),
  ]

  /// Makes a plan with the default values.
  ///
  /// - Parameters:
  ///   - initializer: A name of the catalog; `validate()` checks it.
  ///   - width: n_h.
  public init(initializer: String, width: Int) {
    self.initializer = initializer
    self.width = width
  }

  /// The number of updates per epoch; the last batch may be smaller.
  ///
  /// - Parameter sampleCount: The number of training images.
  /// - Returns: ⌈images / batch size⌉.
  public func updatesPerEpoch(sampleCount: Int) -> Int {
    (sampleCount + batchSize - 1) / batchSize
  }

  /// Whether an update is measured.
  ///
  /// The first update of each epoch is measured, then every `measureEvery`-th, and the last update of the run.
  ///
  /// - Parameters:
  ///   - step: The update within the epoch, counted from 0.
  ///   - epoch: Counted from 1.
  ///   - updatesPerEpoch: The number of updates per epoch.
  /// - Returns: `true` for the last update, at any interval.
  public func measures(step: Int, of epoch: Int, updatesPerEpoch: Int) -> Bool {
    step.isMultiple(of: measureEvery) || epoch == epochs && step == updatesPerEpoch - 1
  }

  /// The updates that are measured, counted from 1, in rising order.
  ///
  /// - Parameter sampleCount: The number of training images.
  /// - Returns: A sequence that computes them one by one.
  public func measuredUpdates(sampleCount: Int) -> some Sequence<Int> {
    let count = updatesPerEpoch(sampleCount: sampleCount)
    return (0..<epochs).lazy.flatMap { epoch in
      (0..<count).lazy.filter { measures(step: $0, of: epoch + 1, updatesPerEpoch: count) }
        .map { epoch * count + $0 + 1 }
    }
  }

  /// Whether an update is measured.
  ///
  /// - Parameters:
  ///   - update: The update of the run, counted from 1.
  ///   - sampleCount: The number of training images.
  /// - Returns: `false` for an update that the run does not make.
  public func measures(update: Int, sampleCount: Int) -> Bool {
    let count = updatesPerEpoch(sampleCount: sampleCount)
    guard update > 0, update <= epochs * count else { return false }
    let (epoch, step) = (update - 1).quotientAndRemainder(dividingBy: count)
    return measures(step: step, of: epoch + 1, updatesPerEpoch: count)
  }

  /// The number of updates before a position.
  ///
  /// - Parameters:
  ///   - position: A position in this plan's run.
  ///   - sampleCount: The number of training images.
  /// - Returns: The updates of all epochs, the current one included.
  public func updates(at position: TrainingPosition, sampleCount: Int) -> Int {
    (position.epoch - 1) * updatesPerEpoch(sampleCount: sampleCount) + position.step
  }

  /// The numbers of updates after which a snapshot is recorded: start, middle and end for `snapshots` = 3.
  ///
  /// - Parameter sampleCount: The number of training images.
  /// - Returns: The numbers in rising order, each once; a single snapshot is of the end.
  public func snapshotUpdates(sampleCount: Int) -> [Int] {
    guard !quantities.isEmpty else { return [] }
    let last = epochs * updatesPerEpoch(sampleCount: sampleCount)
    let spaces = max(1, snapshots - 1)
    let places = (0..<snapshots).map { (snapshots == 1 ? 1 : $0) * last / spaces }
    return places.reduce(into: []) { if $0.last != $1 { $0.append($1) } }
  }
}
