// Estimates of the time and memory of runs before they start.

public import ZerODatasets
public import ZerOInitializers
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
    return try plans.map { plan in
      let dataset = try data.passed(for: plan)
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
    let ranks =
      Double(plan.epochs) * measurements * Double(plan.depth)
      * (Double(costs.ranks) + (costs.measuresSpectrum ? Self.ranksOfSpectrum : 0))
      + Self.ranksOfSpectrum * snapshots * Double(costs.spectra * plan.depth)
    seconds = costs.times.map { times in
      Double(plan.epochs) * (updates + tests) * times.update + ranks * times.rank
    }
    bytes = costs.bytes
  }

  /// The approximate cost of the singular values of a dense matrix, relative to one rank.
  private static let ranksOfSpectrum = 9.0

  /// The settings that determine the cost of an update.
  struct Kind: Hashable {
    let data: String
    let width: Int
    let depth: Int
    let batchSize: Int
    let testBatchSize: Int
    let initializer: String
    let symmetry: SymmetryMode
    let bias: Double?
    let quantities: [String]

    init(_ plan: TrainingPlan) {
      data = plan.data
      width = plan.width
      depth = plan.depth
      batchSize = plan.batchSize
      testBatchSize = plan.testBatchSize
      initializer = plan.initializer
      symmetry = plan.symmetry
      // Under symmetry reduction the bias affects the number of classes; seeds hardly do.
      bias = plan.symmetry == .reduced ? plan.bias : nil
      quantities = plan.quantities
    }
  }
}
