// What symmetry says of a plan's network before anything is trained.

public import Datasets
import LinearAlgebra
import Networks
public import Parallelism
public import Symmetry
public import Training

/// The ceilings of a plan's network.
public struct CeilingSurvey: Encodable, Sendable {
  /// The initializer, sizes and seed are the plan's.
  public let plan: TrainingPlan

  /// n_x.
  public let inputDimension: Int

  /// The inputs that are not 0 in every training image; all where no data is known.
  public let liveInputs: Int

  /// n_y.
  public let classCount: Int

  /// Every layer's ceiling.
  public let layers: [LayerCeiling]

  /// What training in double precision made of them, if it was tried.
  public var trial: CeilingTrial?

  /// Looks at the network that the plan starts from.
  ///
  /// - Parameters:
  ///   - plan: A plan for the data.
  ///   - data: Gives inputs and classes, and tells which pixels no training image uses.
  ///   - team: Shares the work.
  /// - Throws: `PlanError` when the plan doesn't fit the data.
  public init(of plan: TrainingPlan, on data: Dataset, team: ThreadTeam = .alone) throws(PlanError)
  {
    let network: InitialNetwork<Float> = try plan.withExactTies.start(for: data)
    self.init(plan, network, liveInputs: data.train.nonzeroInputs, team)
  }

  /// Looks at the network that the plan starts from, whatever the data.
  ///
  /// - Parameters:
  ///   - plan: A plan.
  ///   - inputDimension: n_x ≥ 1.
  ///   - classCount: n_y ≥ 1.
  ///   - team: Shares the work.
  /// - Throws: `PlanError` when there is no such network.
  public init(
    of plan: TrainingPlan, inputDimension: Int, classCount: Int, team: ThreadTeam = .alone
  )
    throws(PlanError)
  {
    let network: InitialNetwork<Float> = try plan.withExactTies.start(
      inputDimension: inputDimension, classCount: classCount)
    let liveInputs = [Bool](repeating: true, count: inputDimension)
    self.init(plan, network, liveInputs: liveInputs, team)
  }

  private init(
    _ plan: TrainingPlan, _ network: InitialNetwork<Float>, liveInputs: [Bool], _ team: ThreadTeam
  ) {
    self.plan = plan
    inputDimension = liveInputs.count
    self.liveInputs = liveInputs.count { $0 }
    classCount = network.layers.last?.outputs ?? 0
    layers = EquitablePartition(of: network, liveInputs: liveInputs, team: team).layerCeilings
  }

  /// The layers whose ranks are measured.
  public var measured: [LayerCeiling] { layers.filter { plan.measuredWeights.contains($0.tensor) } }

  private enum CodingKeys: String, CodingKey {
    case initializer = "init"
    case width, depth, bias
    case modelSeed = "model_seed"
    case inputDimension = "input_dimension"
    case liveInputs = "live_inputs"
    case classCount = "classes"
    case layers, trial
  }

  /// Writes the network's settings, the layers and the trial.
  ///
  /// - Throws: `EncodingError` for a number that is not finite.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(plan.initializer, forKey: .initializer)
    try container.encode(plan.width, forKey: .width)
    try container.encode(plan.depth, forKey: .depth)
    try container.encode(plan.bias, forKey: .bias)
    try container.encode(plan.modelSeed, forKey: .modelSeed)
    try container.encode(inputDimension, forKey: .inputDimension)
    try container.encode(liveInputs, forKey: .liveInputs)
    try container.encode(classCount, forKey: .classCount)
    try container.encode(layers, forKey: .layers)
    try container.encodeIfPresent(trial, forKey: .trial)
  }
}

extension TrainingPlan {
  /// The same plan where identities take no memory: for who only asks which units are copies.
  fileprivate var withExactTies: TrainingPlan {
    var plan = self
    plan.ties = .exact
    return plan
  }
}
