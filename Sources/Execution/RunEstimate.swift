// How long runs will take and how much memory they will need, before any of them begins.

public import Datasets
import Foundation
import Initializers
import LinearAlgebra
import Networks
import Spectra
import Symmetry
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
  private struct Kind: Hashable {
    let data: String
    let width: Int
    let depth: Int
    let batchSize: Int
    let testBatchSize: Int
    let initializer: String
    let ties: Ties
    let bias: Double?
    let modelSeed: UInt64?
    let quantities: [String]

    init(_ plan: TrainingPlan) {
      data = plan.data
      width = plan.width
      depth = plan.depth
      batchSize = plan.batchSize
      testBatchSize = plan.testBatchSize
      initializer = plan.initializer
      ties = plan.ties
      // These change the classes, and nothing else that costs.
      bias = plan.ties == .exact ? plan.bias : nil
      modelSeed = plan.ties == .exact ? plan.modelSeed : nil
      quantities = plan.quantities
    }
  }

  /// Seconds and bytes of one kind of run.
  private struct Costs {
    /// Seconds of an update and of a rank.
    let times: (update: Double, rank: Double)?

    /// Different ranks of a layer and a measurement.
    let ranks: Int

    /// Different spectra of a layer and a snapshot.
    let spectra: Int
    let bytes: Int

    init(of plan: TrainingPlan, on data: Dataset) throws {
      let clock = ContinuousClock()
      let memory = ProcessInfo.processInfo.physicalMemory
      let architecture = plan.architecture(for: data)
      let initial = try Self.bytesOfStart(plan, architecture)
      let whole = initial + Self.bytes(plan, architecture.weightShapes)
      guard plan.ties == .exact ? initial < memory : whole < memory else {
        (bytes, ranks, spectra, times) = (whole, 0, 0, nil)
        return
      }
      let initialNetwork: InitialNetwork<Float> = try plan.start(for: data)
      var network = NetworkQuotient(of: initialNetwork, ties: plan.ties).network
      // Only a change from the identity is measured on the quotient: W − I of another layer is measured whole.
      let isWhole =
        plan.ties == .exact && !plan.quantities.isEmpty
        && !initialNetwork.layers[Architecture.firstMeasuredLayer].isIdentity
      let folded = initial + Self.bytes(plan, network.layers.map(\.shape))
      bytes = isWhole ? max(folded, whole) : folded
      guard bytes < memory else {
        (ranks, spectra, times) = (0, 0, nil)
        return
      }
      var plan = plan
      plan.epochs = 1
      plan.measureEvery = 1_000_000_000
      let measured = Architecture.firstMeasuredLayer
      let square =
        isWhole ? architecture.weightShapes[measured] : network.layers[measured].shape
      // Where a layer starts from the identity, both quantities are one rank.
      let isIdentity = initialNetwork.layers[Architecture.firstMeasuredLayer].isIdentity
      ranks = isIdentity ? min(1, plan.quantities.count) : plan.quantities.count
      spectra = isIdentity ? 1 : 2

      var updates: [Double] = []
      var last = clock.now
      do {
        try train(&network, by: plan, on: data) { event, _, _ in
          guard case .reached = event else { return }
          updates.append(Double(last.duration(to: clock.now) / .seconds(1)))
          last = clock.now
          if updates.count >= 3, updates.reduce(0, +) > 0.3 { throw Enough() }
        }
      } catch is Enough {
      } catch is TrainingError {}  // it diverges: what has been timed will do
      // The first update finds nothing in the cache.
      updates = Array(updates.dropFirst(updates.count > 1 ? 1 : 0))
      let update = updates.isEmpty ? 0 : updates.reduce(0, +) / Double(updates.count)

      var rank = 0.0
      if ranks > 0 {
        let dense = Matrix<Double>(rows: square.outputs, columns: square.inputs) { i, j in
          sin(Double(i * square.inputs + j + 1) * 12.9898) / Double(square.outputs).squareRoot()
        }
        let start = clock.now
        _ = try NumericalRank.count(of: dense, tolerance: NumericalRank.notebookTolerance)
        rank = Double(start.duration(to: clock.now) / .seconds(1))
      }
      times = (update, rank)
    }

    private struct Enough: Error {}

    /// The weights before training that are no identities: they are kept to be measured from.
    private static func bytesOfStart(_ plan: TrainingPlan, _ architecture: Architecture) throws
      -> Int
    {
      let rule = try InitializerCatalog.entry(named: plan.initializer).initializer
      return architecture.weightShapes.filter { !rule.isIdentity($0) }
        .reduce(0) { $0 + 4 * $1.outputs * $1.inputs }
    }

    /// Parameters, activations and gradients of a training and a test batch, and a rank's matrices in double
    /// precision: the difference, its Gram matrix, the factors and their panels.
    private static func bytes(_ plan: TrainingPlan, _ shapes: [WeightShape]) -> Int {
      let parameters = shapes.reduce(0) { $0 + $1.outputs * $1.inputs }
      let measured = shapes[Architecture.firstMeasuredLayer]
      let square = measured.outputs * measured.inputs
      let units = shapes.reduce(0) { $0 + $1.outputs + $1.inputs }
      let blocks = Matrix<Float>.blockCount(rows: measured.outputs)
      let batches = units * (plan.testBatchSize + (2 + blocks) * plan.batchSize)
      let rank = plan.quantities.isEmpty ? 0 : 5 * 8 * square
      return 4 * (parameters + batches) + max(rank, 3 * 4 * parameters)
    }
  }
}
