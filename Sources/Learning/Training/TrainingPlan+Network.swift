// The initial network of a plan.

public import ZerODatasets
public import ZerOInitializers
public import ZerOLinearAlgebra
import ZerOMessages
public import ZerONetworks
import ZerOOptimizers
import ZerORandomness

extension TrainingPlan {
  /// Checks the plan, and whether it fits a data set.
  ///
  /// - Parameters:
  ///   - data: The data set.
  ///   - initializers: The catalog that contains the initializers.
  /// - Throws: `PlanError`.
  public func validate(for data: Dataset, initializers: InitializerCatalog = .builtIn)
    throws(PlanError)
  {
    try validate(initializers: initializers)
    guard batchSize <= data.train.count else {
      throw .batchLargerThanData(batchSize: batchSize, count: data.train.count)
    }
    let schedule = schedule(sampleCount: data.train.count)
    guard warmup < schedule.updates || warmup == 0 else {
      throw .contradiction(
        key: "warmup", value: "\(warmup)",
        because: "the run has \(counted(schedule.updates, "update")); use fewer than these")
    }
    for update in [0, min(warmup, schedule.updates - 1), schedule.updates - 1]
    where !Float(schedule.learningRate(update: update)).isFinite {
      throw .rateOverflows(update: update)
    }
    let model = try model(for: data)
    let rest = data.train.count % batchSize
    try checkBatchNormalization(of: model.graph, smallestBatch: rest == 0 ? batchSize : rest)
    try validate(model, initializers)
  }

  /// Checks that no batch leaves a batch normalization one number per channel, which has no variance.
  private func checkBatchNormalization(of graph: ModelGraph, smallestBatch: Int)
    throws(PlanError)
  {
    let node = graph.nodes.first {
      $0.operation is BatchNormalization && graph.shapes[$0.inputs[0]].pixels * smallestBatch == 1
    }
    guard let node else { return }
    throw .contradiction(
      key: "batch_size", value: "\(batchSize)",
      because:
        "in a batch of 1 image \(node.name) has 1 value per channel, which norm batch cannot normalize; use another "
        + "batch_size, fewer stages or norm layer")
  }

  /// Checks that the initializers are defined for every layer and the network is not too large.
  private func validate(_ model: Model, _ initializers: InitializerCatalog)
    throws(PlanError)
  {
    let graph = model.graph
    // In floating point, so a product of dimensions can't overflow; symmetry reduction stores no identity matrices.
    var count = 0.0
    for index in graph.weights {
      let parameter = graph.parameters[index]
      // Convolutions have the weight of a dense layer at one of their taps.
      let shape = WeightShape(outputs: parameter.rows, inputs: parameter.shape[1])
      let taps = parameter.columns / parameter.shape[1]
      do {
        let rule = try initializers.entry(named: initializer(of: parameter.name, in: model))
          .initializer
        try rule.check(shape)
        if symmetry == .dense || taps > 1 || !rule.isIdentity(shape) {
          count += Double(shape.outputs) * Double(shape.inputs) * Double(taps)
        }
      } catch {
        throw .initialization(error)
      }
    }
    guard count <= Double(Self.maximumParameters) else {
      throw .tooManyParameters(inputDimension: graph.inputs, width: width, depth: depth)
    }
  }

  /// The plan's model for a data set.
  ///
  /// - Parameter data: The data set, which determines the numbers of inputs and classes.
  /// - Returns: The model.
  /// - Throws: `PlanError` for settings that no model can have.
  public func model(for data: Dataset) throws(PlanError) -> Model {
    try model(input: data.input, classCount: data.classCount)
  }

  /// The plan's network before its first update, for a data set.
  ///
  /// - Parameters:
  ///   - data: The data set, which determines the numbers of inputs and classes.
  ///   - initializers: The catalog that contains the initializers.
  /// - Returns: The network; its identity matrices need no memory.
  /// - Throws: `PlanError` if the plan does not fit the data, or an initializer is not defined for a layer.
  public func start<Scalar: MatrixScalar>(
    for data: Dataset, initializers: InitializerCatalog = .builtIn
  ) throws(PlanError) -> InitialNetwork<Scalar> {
    try validate(for: data, initializers: initializers)
    return try start(model(for: data), initializers)
  }

  /// The plan's network before its first update, for given sizes of images and numbers of classes.
  ///
  /// - Parameters:
  ///   - input: The size of the images.
  ///   - classCount: n_y ≥ 1, the number of classes.
  ///   - initializers: The catalog that contains the initializers.
  /// - Returns: The network; its identity matrices need no memory.
  /// - Throws: `PlanError` if the plan is invalid, or an initializer is not defined for a layer.
  public func start<Scalar: MatrixScalar>(
    input: ValueShape, classCount: Int, initializers: InitializerCatalog = .builtIn
  ) throws(PlanError) -> InitialNetwork<Scalar> {
    try validate(initializers: initializers)
    let model = try model(input: input, classCount: classCount)
    try validate(model, initializers)
    return try start(model, initializers)
  }

  /// The initial network of the plan for a data set, with all its weights in memory.
  ///
  /// - Parameters:
  ///   - data: The data set, which determines the numbers of inputs and classes.
  ///   - initializers: The catalog that contains the initializers.
  /// - Returns: The network before its first update.
  /// - Throws: `PlanError` if the plan does not fit the data, or an initializer is not defined for a layer.
  public func initialNetwork<Scalar: MatrixScalar>(
    for data: Dataset, initializers: InitializerCatalog = .builtIn
  ) throws(PlanError) -> Network<Scalar> {
    try start(for: data, initializers: initializers).network
  }

  private func start<Scalar: MatrixScalar>(
    _ model: Model, _ initializers: InitializerCatalog
  ) throws(PlanError) -> InitialNetwork<Scalar> {
    let graph = model.graph
    var streams = RandomStreams(seed: modelSeed)
    do {
      var rules: [String: any Initializer] = [:]
      let names = graph.weights.map { initializer(of: graph.parameters[$0].name, in: model) }
      for name in Set(names) {
        rules[name] = try initializers.entry(named: name).initializer
      }
      let standard = try initializers.entry(named: initializer).initializer
      return try InitialNetwork(
        graph, initializer: { rules[initializer(of: $0.name, in: model)] ?? standard },
        bias: Scalar(bias ?? 0), zeroGains: startsAtZero, using: &streams)
    } catch {
      throw .initialization(error)
    }
  }
}

extension Dataset {
  /// The size of an image: its channels at each pixel.
  public var input: ValueShape {
    ValueShape(units: train.channels, height: train.size[0], width: train.size[1])
  }
}
