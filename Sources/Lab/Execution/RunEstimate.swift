// Estimates of the time and memory of runs before they start.

public import ZerODatasets
public import ZerOInitializers
import ZerOOptimizers
public import ZerOTraining

/// The estimated cost of a run, from a few timed updates.
public struct RunEstimate: Equatable, Sendable {
  /// Seconds on one core; `nil` for a run that exceeds the memory of this machine and is not timed.
  public let seconds: Double?

  /// The memory of the run in bytes, without the data set.
  public let bytes: Int

  /// Times some updates and one measurement per kind of run.
  ///
  /// The rank of a dense difference is timed, because it costs the most; a difference of low rank
  /// costs less.
  ///
  /// - Parameters:
  ///   - plans: The plans; runs of equal sizes are timed once.
  ///   - data: The data sets, by their names in the plans.
  ///   - initializers: The catalog that contains the initializers.
  /// - Returns: One estimate per plan.
  /// - Throws: `PlanError` if a plan does not fit its data; `DatasetError` if a data set is
  ///   missing.
  /// - Complexity: About half a second per kind of run on one core; more for the widest.
  public static func estimates(
    of plans: [TrainingPlan], data: [String: Dataset], initializers: InitializerCatalog = .builtIn
  ) throws -> [RunEstimate] {
    var known: [Kind: Costs] = [:]
    var datasets = SelectedDatasets(data)
    return try plans.map { plan in
      let dataset = try datasets.dataset(of: plan)
      let kind = Kind(plan)
      let costs = try known[kind] ?? Costs(of: plan, on: dataset, initializers)
      known[kind] = costs
      return RunEstimate(plan, on: dataset, costs)
    }
  }

  private init(_ plan: TrainingPlan, on data: Dataset, _ costs: Costs) {
    let updates = Double(plan.updatesPerEpoch(sampleCount: data.train.count))
    let measurements = (updates / Double(plan.measureEvery)).rounded(.up)
    // A test pass is forward only, so it costs a third of training on as many images.
    let tests = updates / 3 * Double(data.test.count) / Double(data.train.count)
    let snapshots = Double(plan.snapshotUpdates(sampleCount: data.train.count).count)
    let layers = Double(plan.measuredWeights.count)
    let ranks =
      Double(plan.epochs) * measurements * layers
      * (Double(costs.ranks) + (costs.measuresSpectrum ? Self.ranksOfSpectrum : 0))
      + Self.ranksOfSpectrum * snapshots * Double(costs.spectra) * layers
    seconds = costs.times.map { times in
      Double(plan.epochs) * (updates + tests) * times.update + ranks * times.rank
    }
    bytes = costs.bytes
  }

  /// The approximate cost of the singular values of a dense matrix, relative to one rank.
  private static let ranksOfSpectrum = 9.0

  /// The settings that determine the cost of an update: a plan without those that don't.
  struct Kind: Hashable {
    private let plan: TrainingPlan

    init(_ plan: TrainingPlan) {
      var rest = plan
      let standard = TrainingPlan(initializer: plan.initializer, width: plan.width)
      (rest.modelSeed, rest.seed, rest.epochs) = (0, 0, 1)
      (rest.learningRate, rest.gamma, rest.stepSize) = (
        standard.learningRate, standard.gamma, standard.stepSize
      )
      (rest.scheduleKind, rest.warmup, rest.labelSmoothing) = (.constant, 0, 0)
      (rest.weightDecay, rest.clip) = (plan.weightDecay > 0 ? 1 : 0, plan.clip.map { _ in 1 })
      rest.momentum = plan.momentum > 0 ? 0.5 : 0
      (rest.measureEvery, rest.snapshots) = (standard.measureEvery, standard.snapshots)
      // Under symmetry reduction the bias affects the number of classes; seeds hardly do.
      if plan.symmetry == .dense, plan.bias != nil { rest.bias = standard.bias }
      self.plan = rest
    }
  }
}
