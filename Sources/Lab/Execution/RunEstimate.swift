// How long runs will take and how much memory they will need, before any of them begins.

public import Datasets
public import Training

/// What a run will cost, from a few of its updates, timed here.
public struct RunEstimate: Equatable, Sendable {
  /// Seconds on one core; `nil` for a run that doesn't fit into this machine's memory, and isn't timed.
  public let seconds: Double?

  /// Bytes while it runs, without the data set.
  public let bytes: Int

  /// Times some updates and one measurement of each kind of run.
  ///
  /// A measurement is timed on a dense difference, the costliest; a rank that starts low costs less.
  ///
  /// - Parameters:
  ///   - plans: Any number; runs of equal sizes are timed once.
  ///   - data: The data sets, by the name that plans give them.
  /// - Returns: An estimate a plan.
  /// - Throws: `PlanError` when a plan doesn't fit its data, `DatasetError` for one that isn't there.
  /// - Complexity: About half a second a kind of run on one core, more for the widest.
  public static func estimates(of plans: [TrainingPlan], data: [String: Dataset]) throws
    -> [RunEstimate]
  {
    var known: [Kind: Costs] = [:]
    return try plans.map { plan in
      guard let dataset = data[plan.data] else { throw DatasetError.unknownName(plan.data) }
      let kind = Kind(plan)
      let costs = try known[kind] ?? Costs(of: plan, on: dataset)
      known[kind] = costs
      return RunEstimate(plan, on: dataset, costs)
    }
  }

  private init(_ plan: TrainingPlan, on data: Dataset, _ costs: Costs) {
    let updates = Double(plan.updatesPerEpoch(sampleCount: data.train.count))
    let measurements = (updates / Double(plan.measureEvery)).rounded(.up)
    // A test pass is forward alone: a third of an epoch's work on as many images.
    let tests = updates / 3 * Double(data.test.count) / Double(data.train.count)
    let snapshots = Double(plan.snapshotUpdates(sampleCount: data.train.count).count)
    let ranks =
      Double(plan.epochs) * measurements * Double(costs.ranks * plan.depth)
      + Self.ranksOfSpectrum * snapshots * Double(costs.spectra * plan.depth)
    seconds = costs.times.map { times in
      Double(plan.epochs) * (updates + tests) * times.update + ranks * times.rank
    }
    bytes = costs.bytes
  }

  /// How many times as long as a count the singular values of a dense matrix take, roughly.
  private static let ranksOfSpectrum = 9.0

  /// What decides the cost of an update.
  struct Kind: Hashable {
    let data: String
    let width: Int
    let depth: Int
    let batchSize: Int
    let testBatchSize: Int
    let initializer: String
    let ties: Ties
    let bias: Double?
    let quantities: [String]

    init(_ plan: TrainingPlan) {
      data = plan.data
      width = plan.width
      depth = plan.depth
      batchSize = plan.batchSize
      testBatchSize = plan.testBatchSize
      initializer = plan.initializer
      ties = plan.ties
      // It changes the classes, and nothing else that costs; seeds hardly change their number.
      bias = plan.ties == .exact ? plan.bias : nil
      quantities = plan.quantities
    }
  }
}
