public import ZerOCheckpoints
public import ZerODatasets
public import ZerOInitializers
import ZerOLinearAlgebra
public import ZerONetworks
public import ZerOParallelism
public import ZerOSymmetry
public import ZerOTraining

/// The ceilings of a plan's network.
public struct CeilingSurvey: Sendable {
  /// The plan with the initializer, sizes and seed.
  public let plan: TrainingPlan

  /// The file with the initial weights; `nil` if the plan's initializer makes them.
  public let file: String?

  /// The size of an input, one unit per channel for models that read images.
  public let input: ValueShape

  /// Whether data or settings tell the size of an image: a file of convolutions does not.
  public var hasInputSize: Bool {
    file == nil || hasData || plan.model == "cnn" || input.pixels == 1
  }

  private let hasData: Bool

  /// n_x.
  public let inputDimension: Int

  /// The number of inputs that are nonzero in at least one training image; n_x if the data is
  /// unknown.
  public let nonzeroInputCount: Int

  /// n_y.
  public let classCount: Int

  /// The ceiling of every layer.
  public let layers: [LayerCeiling]

  /// The layer whose weights, if they were random, would give the network the most classes, and the numbers of classes of all layers'
  /// outputs now and then; `nil` if all units are different, or if the network is too large to try.
  public let lift: Lift?

  /// The change that random weights in one layer would make.
  public struct Lift: Encodable, Equatable, Sendable {
    /// The name of the layer.
    public let layer: String

    /// The number of classes of all layers' outputs.
    public let classes: Int

    /// The same with random weights in the layer.
    public let classesThen: Int

    /// The number of live units of all layers' outputs with random weights in the layer.
    public let unitsThen: Int

    private enum CodingKeys: String, CodingKey {
      case layer, classes
      case classesThen = "classes_then"
      case unitsThen = "units_then"
    }
  }

  /// The influence of the data; `nil` for a multilayer perceptron, a file, given data, a network too large to try, and if all units
  /// are different.
  public private(set) var limits: Limits?

  /// The number of classes of the outputs of all layers but the last, for the given sizes and for larger ones.
  public struct Limits: Encodable, Equatable, Sendable {
    /// The number of classes.
    public let classes: Int

    /// The same with twice as many labels.
    public let withTwiceTheLabels: Int

    /// The same with twice as many channels of the images.
    public let withTwiceTheChannels: Int

    private enum CodingKeys: String, CodingKey {
      case classes
      case withTwiceTheLabels = "with_twice_the_labels"
      case withTwiceTheChannels = "with_twice_the_channels"
    }
  }

  /// The ranks after training in double precision, if `--verify` was given.
  public var trial: CeilingTrial?

  /// Computes the ceilings of the network before training, for given data.
  ///
  /// - Parameters:
  ///   - plan: A plan for the data.
  ///   - data: Determines inputs, classes, and the pixels that are 0 in every training image.
  ///   - initializers: The catalog that contains the initializer.
  ///   - team: The threads that share the work.
  /// - Throws: `PlanError` if the plan does not fit the data.
  public init(
    of plan: TrainingPlan, on data: Dataset, initializers: InitializerCatalog = .builtIn,
    team: ThreadTeam = .alone
  ) throws(PlanError) {
    let network: InitialNetwork<Float> = try plan.withSymmetryReduction.start(
      for: data, initializers: initializers)
    self.init(plan, network, nonzeroInputs: plan.liveInputs(of: data), team)
  }

  /// Computes the ceilings of the network before training, for any data.
  ///
  /// - Parameters:
  ///   - plan: A plan.
  ///   - input: The size of the images.
  ///   - classCount: n_y ≥ 1.
  ///   - initializers: The catalog that contains the initializer.
  ///   - team: The threads that share the work.
  /// - Throws: `PlanError` if there is no such network.
  public init(
    of plan: TrainingPlan, input: ValueShape, classCount: Int,
    initializers: InitializerCatalog = .builtIn, team: ThreadTeam = .alone
  ) throws(PlanError) {
    func network(_ input: ValueShape, _ classCount: Int) throws(PlanError) -> InitialNetwork<Float>
    {
      try plan.withSymmetryReduction.start(
        input: input, classCount: classCount, initializers: initializers)
    }
    let nonzeroInputs = [Bool](repeating: true, count: input.features)
    let start = try network(input, classCount)
    self.init(plan, start, nonzeroInputs: nonzeroInputs, team)
    let isSmall = Self.isSmall(start.graph)
    guard start.graph.readsImages, isSmall, layers.contains(where: { !$0.outputs.isDiscrete })
    else { return }
    let colored = ValueShape(units: 2 * input.units, height: input.height, width: input.width)
    // A network with more inputs or labels may be too large.
    guard let labeled = try? network(input, 2 * classCount),
      let colored = try? network(colored, classCount)
    else { return }
    func classes(_ network: InitialNetwork<Float>) -> Int {
      Self.hiddenClasses(EquitablePartition(of: network, team: team).layerCeilings)
    }
    limits = Limits(
      classes: Self.hiddenClasses(layers), withTwiceTheLabels: classes(labeled),
      withTwiceTheChannels: classes(colored))
  }

  /// The number of classes of the outputs of all layers but the last.
  private static func hiddenClasses(_ layers: [LayerCeiling]) -> Int {
    layers.reduce(0) { $0 + ($1.isLast ? 0 : $1.outputs.classCount) }
  }

  /// Computes the ceilings of the initial weights in a file.
  ///
  /// - Parameters:
  ///   - plan: A plan with the sizes of the model, whose initializer is not used.
  ///   - archive: The file.
  ///   - data: Determines the pixels that are 0 in every training image; `nil` if no data is known.
  ///   - team: The threads that share the work.
  /// - Throws: `WeightsError` if the tensors are not those of the model; `TensorFileError` if one can't be read; `PlanError` if the plan
  ///   does not fit the data; `MemoryShortage`.
  public init(
    of plan: TrainingPlan, weights archive: TensorArchive, on data: Dataset? = nil,
    team: ThreadTeam = .alone
  ) throws {
    let graph: ModelGraph
    if let data {
      graph = try plan.model(for: data).graph
    } else if let ends = plan.ends(of: archive) {
      graph = try plan.model(input: ends.input, classCount: ends.classCount).graph
    } else {
      throw WeightsError.unknownModel(path: archive.path, model: plan.model)
    }
    // The parameters, and the buffers of a file.
    try Memory.check(8 * graph.parameterCount, for: "the network")
    var network = try Network(graph, weights: archive)
    // Running statistics change no gradient, and those of identical channels differ by rounding.
    for (index, parameter) in graph.parameters.enumerated() {
      guard !parameter.role.isTrained, let value = parameter.role.initialValue else { continue }
      network.parameters[index] = Matrix(
        repeating: Float(value), rows: parameter.rows, columns: parameter.columns)
    }
    let nonzeroInputs =
      data.map { plan.liveInputs(of: $0) }
      ?? [Bool](repeating: true, count: graph.shapes[0].features)
    self.init(
      plan, InitialNetwork(network), file: archive.path, hasData: data != nil,
      nonzeroInputs: nonzeroInputs, team)
  }

  private init(
    _ plan: TrainingPlan, _ network: InitialNetwork<Float>, file: String? = nil,
    hasData: Bool = false, nonzeroInputs: [Bool], _ team: ThreadTeam
  ) {
    self.plan = plan
    self.file = file
    self.hasData = hasData
    inputDimension = nonzeroInputs.count
    nonzeroInputCount = nonzeroInputs.count { $0 }
    classCount = network.graph.outputs
    input = network.graph.shapes[0]
    let partition = EquitablePartition(of: network, nonzeroInputs: nonzeroInputs, team: team)
    layers = partition.layerCeilings
    lift = Self.lift(partition, network, nonzeroInputs: nonzeroInputs, team)
  }

  /// Whether a model is small enough to try others: a hundred million weights take seconds for each.
  private static func isSmall(_ graph: ModelGraph) -> Bool { graph.parameterCount < 1e8 }

  /// Tries random weights in each layer.
  private static func lift(
    _ partition: EquitablePartition, _ network: InitialNetwork<Float>, nonzeroInputs: [Bool],
    _ team: ThreadTeam
  ) -> Lift? {
    let layers = partition.layerCeilings
    guard layers.contains(where: { !$0.outputs.isDiscrete }), isSmall(network.graph) else {
      return nil
    }
    func classes(_ layers: [LayerCeiling]) -> Int {
      layers.reduce(0) { $0 + $1.outputs.classCount }
    }
    var best: Lift?
    for index in network.graph.weights {
      let parameter = network.graph.parameters[index]
      let then = partition.withRandomWeight(
        index, in: network, nonzeroInputs: nonzeroInputs, team: team
      ).layerCeilings
      let found = Lift(
        layer: String(parameter.name.dropLast(".weight".count)), classes: classes(layers),
        classesThen: classes(then),
        unitsThen: then.reduce(0) { $0 + $1.outputs.unitCount - $1.outputs.deadCount })
      if found.classesThen > best?.classesThen ?? found.classes { best = found }
      if found.classesThen == found.unitsThen { break }
    }
    return best
  }

  /// The ceilings of the layers whose ranks are measured.
  public var measured: [LayerCeiling] {
    let names = Set(plan.measuredWeights)
    return layers.filter { names.contains($0.tensor) }
  }
}

extension TrainingPlan {
  /// The same plan with symmetry reduction, under which identity weights take no memory.
  fileprivate var withSymmetryReduction: TrainingPlan {
    var plan = self
    plan.symmetry = .reduced
    return plan
  }
}
