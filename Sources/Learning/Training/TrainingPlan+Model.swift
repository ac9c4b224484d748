// The model, the optimizer and the schedule of a plan, and the settings that contradict each other.

public import ZerODatasets
import ZerOInitializers
public import ZerOLinearAlgebra
import ZerONamePatterns
public import ZerONetworks
public import ZerOOptimizers

extension TrainingPlan {
  /// The model of the plan for given sizes of images and numbers of classes.
  ///
  /// - Parameters:
  ///   - input: The size of the images.
  ///   - classCount: n_y ≥ 1.
  /// - Returns: The model.
  /// - Throws: `PlanError` for an unknown model, and for settings that the model cannot have.
  public func model(input: ValueShape, classCount: Int) throws(PlanError) -> Model {
    guard let family = ModelFamily.named(model) else {
      throw .unknownName(key: "model", name: model, known: ModelFamily.catalog.map(\.name))
    }
    var settings = ModelSettings(
      input: input, width: width, classCount: classCount, depth: depth)
    settings.activation = activation
    settings.norm = norm
    settings.blocks = try Self.numbers(blocks, key: "blocks")
    settings.widths = try Self.numbers(widths, key: "widths")
    settings.isResidual = isResidual
    settings.hasBias = bias != nil
    do {
      return try family.model(settings)
    } catch {
      throw .model(error)
    }
  }

  /// Checks that a list contains no name twice.
  static func checkDistinct(_ names: [String], key: String) throws(PlanError) {
    var known: Set<String> = []
    for name in names where !known.insert(name).inserted {
      throw .repetition(key: key, name: name)
    }
  }

  private static func numbers(_ texts: [String], key: String) throws(PlanError) -> [Int] {
    let numbers = texts.compactMap { Int($0) }
    guard numbers.count == texts.count else {
      throw .contradiction(
        key: key, value: texts.joined(separator: " "), because: "it is a list of whole numbers")
    }
    return numbers
  }

  /// The model for images that are large enough; its names do not depend on the data.
  private func namedModel() throws(PlanError) -> Model {
    try model(input: ValueShape(units: 1, height: 1 << 17, width: 1 << 17), classCount: 2)
  }

  /// The names of the measured weights: `l3.weight` and so on, or those that match `tensors`.
  public var measuredWeights: [String] {
    guard let model = try? namedModel() else { return [] }
    guard !tensors.isEmpty else { return model.measured }
    let names = model.graph.weights.map { model.graph.parameters[$0].name }
    let patterns = tensors.map { NamePattern($0).resolved(among: Set(names)) }
    return names.filter { name in patterns.contains { $0.matches(name) } }
  }

  /// The biases of the measured layers, `l3.bias` and so on; none for a network without biases.
  public var measuredBiases: [String] {
    bias == nil ? [] : measuredWeights.map { $0.replacing(/weight$/, with: "bias") }
  }

  /// The quantity that needs the weights before an update.
  static let updateNorm = "update_norm"

  // MARK: Optimizer and schedule

  /// The rule of the updates.
  public var rule: any Optimizer {
    let settings = OptimizerEntry.Settings(
      momentum: momentum, isNesterov: isNesterov, weightDecay: weightDecay)
    return OptimizerEntry.named(optimizer)?.make(settings) ?? SGD()
  }

  /// The learning rate of each update.
  ///
  /// - Parameter sampleCount: The number of training images, at least 1.
  /// - Returns: The schedule.
  public func schedule(sampleCount: Int) -> LearningRateSchedule {
    LearningRateSchedule(
      scheduleKind, initial: learningRate, gamma: gamma, stepSize: stepSize, warmup: warmup,
      updatesPerEpoch: updatesPerEpoch(sampleCount: sampleCount), epochs: epochs)
  }

  /// α, the factor by which weight decay has multiplied the initial weights after some updates; 1 without decay.
  ///
  /// - Parameters:
  ///   - updates: The number of updates.
  ///   - sampleCount: The number of training images.
  ///   - scalar: The precision of the training.
  /// - Returns: `nil` for weight decay inside Adam's gradient, which multiplies each weight by a factor of its own.
  /// - Complexity: One update of a single weight per update.
  public func startFactor<Scalar: MatrixScalar>(
    after updates: Int, sampleCount: Int, in scalar: Scalar.Type = Float.self
  ) -> Double? {
    var factor = StartFactor<Scalar>(rule, schedule(sampleCount: sampleCount))
    return factor.value(after: updates)
  }

  /// Whether all initial weights are multiplied by one factor α at any time, so W − α·W₀ has ceilings.
  public var hasStartFactor: Bool { rule.scalesStart }

  /// Replaces settings that were not given by the defaults of the optimizer and of the model, if these have some.
  ///
  /// - Parameter given: The keys of the settings that were stated.
  public mutating func useDefaults(unless given: Set<String>) {
    if let entry = OptimizerEntry.named(optimizer) {
      if !given.contains("learning_rate") { learningRate = entry.learningRate }
      if !given.contains("weight_decay") { weightDecay = entry.weightDecay }
    }
    if let family = ModelFamily.named(model) {
      if !given.contains("width"), let width = family.width { self.width = width }
      if !given.contains("norm"), family.norm != .none { norm = family.norm }
    }
  }

  // MARK: Initializers

  /// An initializer for the weights whose names match a pattern.
  struct InitRule {
    let pattern: NamePattern
    let initializer: String

    init?(_ text: String) {
      guard let place = text.lastIndex(of: "="), place > text.startIndex else { return nil }
      pattern = NamePattern(String(text[..<place]))
      initializer = String(text[text.index(after: place)...])
    }
  }

  /// The names of all initializers of the plan: the default one, and those of the rules.
  public var initializerNames: [String] {
    [initializer] + initRules.compactMap { InitRule($0)?.initializer }
  }

  /// The initializer that starts a weight or a gain at 0.
  static let zeros = "Zeros"

  /// The initializers that start the ends of residual branches at 0, as the authors of ZerO do.
  private static let zeroingBranches: Set = ["ZerO", "ZerO_Paper_Scale"]

  /// The name of the initializer of a weight or gain: that of the most specific matching rule, of equal ones the last.
  ///
  /// - Parameters:
  ///   - weight: The name of the parameter.
  ///   - model: The model, whose ends of residual branches ZerO starts at 0.
  /// - Returns: A name of the catalog; the ends of branches of `ZerO+1e-6` are those of `Zeros+1e-6`.
  public func initializer(of weight: String, in model: Model) -> String {
    if let name = rule(for: weight) { return name }
    let (base, size) = Perturbation.parts(of: initializer)
    guard Self.zeroingBranches.contains(base), model.branchEnds.contains(weight) else {
      return initializer
    }
    return size.map { "\(Self.zeros)+\($0)" } ?? Self.zeros
  }

  /// The name of the initializer that a rule names for a parameter; `nil` without a rule.
  private func rule(for weight: String) -> String? {
    initRules.compactMap(InitRule.init).filter { $0.pattern.matches(weight) }
      .enumerated().max {
        let exactness = (
          $0.element.pattern.exactness(for: weight), $1.element.pattern.exactness(for: weight)
        )
        return exactness.0 == exactness.1 ? $0.offset < $1.offset : exactness.0 < exactness.1
      }?.element.initializer
  }

  /// Whether a gain starts at 0.
  ///
  /// - Parameter gain: The name of the gain.
  /// - Returns: `true` if a rule says so.
  func startsAtZero(_ gain: String) -> Bool { rule(for: gain) == Self.zeros }

  // MARK: Checks

  /// Checks settings that contradict each other, and names and patterns.
  ///
  /// - Throws: `PlanError`.
  func checkCombinations() throws(PlanError) {
    guard let entry = OptimizerEntry.named(optimizer) else {
      throw .unknownName(
        key: "optimizer", name: optimizer, known: OptimizerEntry.catalog.map(\.name))
    }
    if momentum > 0, !entry.hasMomentum {
      throw .contradiction(
        key: "momentum", value: "\(momentum)",
        because: "optimizer \(optimizer) has no such setting; use optimizer sgd, or omit it")
    }
    if isNesterov, !entry.hasMomentum {
      throw .contradiction(
        key: "nesterov", value: "true",
        because: "optimizer \(optimizer) has no momentum; use optimizer sgd, or omit it")
    }
    if isNesterov, momentum == 0 {
      throw .contradiction(
        key: "nesterov", value: "true", because: "momentum is 0; set momentum, for example 0.9")
    }
    if clip == 0 {
      throw .contradiction(
        key: "clip", value: "0.0",
        because: "then no update changes a weight; use a number above 0, or none")
    }
    if labelSmoothing > 1 {
      throw .aboveLimit(key: "label_smoothing", value: labelSmoothing, limit: 1)
    }
    if symmetry == .reduced, !hasStartFactor {
      throw .contradiction(
        key: "symmetry", value: "reduced",
        because:
          "weight decay inside the gradient of adam changes identical units' weights differently; use optimizer "
          + "adamw, weight_decay 0 or symmetry dense")
    }
    if symmetry == .reduced, weightDecay > 0, quantities.contains(Self.updateNorm) {
      throw .contradiction(
        key: "quantities", value: Self.updateNorm,
        because:
          "with weight decay an update changes identical units' weights differently; use symmetry dense"
      )
    }
    for (key, isChanged) in [("gamma", gamma != 0.7), ("step_size", stepSize != 12)]
    where isChanged && scheduleKind != .step {
      throw .contradiction(
        key: key, value: text(of: key),
        because: "schedule \(scheduleKind.name) does not use it; use schedule step, or omit it")
    }
    let graph = try namedModel().graph
    let weights = graph.weights.map { graph.parameters[$0].name }
    let gains = graph.parameters.filter { $0.role == .gain }.map(\.name)
    for text in initRules {
      guard let rule = InitRule(text), !rule.initializer.isEmpty else {
        throw .contradiction(
          key: "init_rules", value: "'\(text)'",
          because: "a rule is PATTERN=INITIALIZER, such as '*.last.weight=Zeros'")
      }
      try check(rule.pattern, key: "init_rules", weights + gains)
      let pattern = rule.pattern.resolved(among: Set(weights + gains))
      guard rule.initializer == Self.zeros || !gains.contains(where: pattern.matches) else {
        throw .contradiction(
          key: "init_rules", value: "'\(text)'",
          because: "a gain can start at 1, or at 0 by \(Self.zeros)")
      }
    }
    // Of two rules with one pattern only the last would count.
    try Self.checkDistinct(
      initRules.compactMap { InitRule($0)?.pattern.description }, key: "init_rules")
    _ = try Self.numbers(classes, key: "classes")
    if let name = augment.first(where: { ImageChange(rawValue: $0) == nil }) {
      throw .unknownName(
        key: "augment", name: name, known: ImageChange.allCases.map(\.rawValue))
    }
    for text in tensors { try check(NamePattern(text), key: "tensors", weights) }
  }

  /// The random changes of training images.
  var changes: Set<ImageChange> { Set(augment.compactMap(ImageChange.init)) }

  /// The classes and images of a data set on which the plan trains.
  ///
  /// - Parameter data: The data set of the plan's name.
  /// - Returns: The selection.
  /// - Throws: `DatasetError` for classes or images that it does not have.
  public func selection(of data: Dataset) throws(DatasetError) -> Dataset {
    try data.selecting(
      classes: classes.compactMap { Int($0) }, train: trainImages, test: testImages)
  }

  /// The conversion of pixels to inputs of a model.
  ///
  /// - Parameters:
  ///   - data: The plan's selection of a data set, whose training images determine the normalization.
  ///   - graph: The model.
  /// - Returns: The conversion of training and test images.
  public func pixelConversion(for data: Dataset, reading graph: ModelGraph) -> PixelConversion {
    isNormalized
      ? PixelConversion(normalizing: data.train, isInterleaved: graph.readsImages)
      : PixelConversion(isInterleaved: graph.readsImages)
  }

  /// Which inputs of a model are not 0 in all training images, channel after channel.
  ///
  /// A normalization makes other constants of them, and augmentation moves them.
  ///
  /// - Parameter data: The plan's selection of a data set.
  /// - Returns: One value per input.
  public func liveInputs(of data: Dataset) -> [Bool] {
    isNormalized || !augment.isEmpty
      ? [Bool](repeating: true, count: data.train.pixelCount) : data.train.nonzeroInputs
  }

  private func check(_ pattern: NamePattern, key: String, _ weights: [String]) throws(PlanError) {
    let pattern = pattern.resolved(among: Set(weights))
    guard weights.contains(where: pattern.matches) else {
      throw .matchesNothing(key: key, pattern: pattern.description, weights: weights)
    }
  }
}
