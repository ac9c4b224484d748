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

  /// n_x.
  public let inputDimension: Int

  /// The number of inputs that are nonzero in at least one training image; n_x if the data is
  /// unknown.
  public let nonzeroInputCount: Int

  /// n_y.
  public let classCount: Int

  /// The ceiling of every layer.
  public let layers: [LayerCeiling]

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
    try plan.checkCeilings()
    let network: InitialNetwork<Float> = try plan.withSymmetryReduction.start(
      for: data, initializers: initializers)
    self.init(plan, network, nonzeroInputs: data.train.nonzeroInputs, team)
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
    try plan.checkCeilings()
    let network: InitialNetwork<Float> = try plan.withSymmetryReduction.start(
      input: input, classCount: classCount, initializers: initializers)
    let nonzeroInputs = [Bool](repeating: true, count: input.features)
    self.init(plan, network, nonzeroInputs: nonzeroInputs, team)
  }

  private init(
    _ plan: TrainingPlan, _ network: InitialNetwork<Float>, nonzeroInputs: [Bool],
    _ team: ThreadTeam
  ) {
    self.plan = plan
    inputDimension = nonzeroInputs.count
    nonzeroInputCount = nonzeroInputs.count { $0 }
    classCount = network.graph.outputs
    layers = EquitablePartition(of: network, nonzeroInputs: nonzeroInputs, team: team).layerCeilings
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
