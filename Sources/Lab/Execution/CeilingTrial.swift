// Comparison of ceilings with training in double precision.

public import ZerODatasets
public import ZerOInitializers
import ZerOLinearAlgebra
import ZerONetworks
public import ZerOParallelism
import ZerOSpectra
import ZerOSymmetry
public import ZerOTraining

/// The ranks of W − W₀ after some updates in double precision, with their ceilings.
///
/// Ranks are counted at two tolerances: 1e-4, as in the reference notebook, and 10⁻⁹ of the largest
/// singular value. Identical units diverge only by rounding, about 10⁻¹⁶ per operation in double
/// precision, which Adam divides by itself, and which decides where an input of ReLU is 0. For many hundred updates, the resulting singular values are far below the second
/// tolerance, and the singular values of real changes are above it. `largestBelow` and
/// `smallestAbove` show the gap.
public struct CeilingTrial: Encodable, Equatable, Sendable {
  /// The ranks of one measured layer.
  public struct Layer: Encodable, Equatable, Sendable {
    /// The name of the weight, for example `l3.weight`.
    public let tensor: String

    /// The largest rank that symmetry allows.
    public let ceiling: Int

    /// σ₁ of W − W₀.
    public let largest: Double

    /// The number of singular values above the tolerance of the reference notebook.
    public let notebookRank: Int

    /// The number of singular values above 10⁻⁹ · σ₁.
    public let rank: Int

    /// The smallest singular value above 10⁻⁹ · σ₁; `nil` if there is none.
    public let smallestAbove: Double?

    /// The largest of the other singular values; `nil` if there is none.
    public let largestBelow: Double?

    /// The largest difference between corresponding elements of identical units, the quantity
    /// `copy_distance`; `nil` if the classes are unknown.
    public let copyDistance: Double?

    /// Whether either rank exceeds the ceiling.
    public var isExceeded: Bool { max(rank, notebookRank) > ceiling }

    private enum CodingKeys: String, CodingKey {
      case tensor, ceiling, rank
      case largest = "largest_singular_value"
      case notebookRank = "rank_above_notebook_tolerance"
      case smallestAbove = "smallest_above"
      case largestBelow = "largest_below"
      case copyDistance = "copy_distance"
    }
  }

  /// The second tolerance, as a fraction of σ₁.
  public static let relativeTolerance = 1e-9

  /// The number of updates.
  public let updates: Int

  /// The ranks of every measured layer.
  public let layers: [Layer]

  /// Whether any rank exceeds its ceiling.
  public var isExceeded: Bool { layers.contains(where: \.isExceeded) }

  /// Trains in double precision and counts ranks.
  ///
  /// The ceilings are computed for the network in double precision, because a small number may be 0
  /// in single precision only.
  ///
  /// - Parameters:
  ///   - plan: A plan that is valid for the data. The number of epochs follows from the number of
  ///     updates.
  ///   - data: The training data.
  ///   - updates: The number of updates, at least 1.
  ///   - initializers: The catalog that contains the initializer.
  ///   - team: The threads that share the work.
  /// - Throws: `PlanError`, `MemoryShortage`, `TrainingError.diverged`; `FactorizationError` if a
  ///   weight is no longer finite.
  public init(
    of plan: TrainingPlan, on data: Dataset, updates: Int,
    initializers: InitializerCatalog = .builtIn, team: ThreadTeam = .alone
  ) throws {
    let plan = plan.lasting(updates: updates, sampleCount: data.train.count)
    try plan.checkDoubleTraining(for: data, initializers: initializers)
    let start: InitialNetwork<Double> = try plan.start(for: data, initializers: initializers)
    let partition = EquitablePartition(
      of: start, nonzeroInputs: plan.liveInputs(of: data), team: team)
    try self.init(
      of: partition.layerCeilings, plan,
      from: NetworkQuotient(unreduced: start, classes: partition), on: data, updates: updates,
      team: team)
  }

  /// Trains a network and compares its ranks with given ceilings.
  init(
    of ceilings: [LayerCeiling], _ plan: TrainingPlan, from start: NetworkQuotient<Double>,
    on data: Dataset, updates: Int, team: ThreadTeam = .alone
  ) throws {
    let plan = plan.lasting(updates: updates, sampleCount: data.train.count)
    var network = start.network
    var made = 0
    do {
      try train(&network, by: plan, on: data, team: team) { event, _, _ in
        guard case .reached(let position) = event else { return }
        made = plan.updates(at: position, sampleCount: data.train.count)
        if made == updates { throw Enough() }
      }
    } catch is Enough {}
    self.updates = made
    guard
      let factor = plan.startFactor(
        after: made, sampleCount: data.train.count, in: Double.self)
    else {
      layers = []
      return
    }
    layers = try plan.measuredWeights.compactMap { name in
      guard let ceiling = ceilings.first(where: { $0.tensor == name })?.ceiling,
        let index = start.graph.parameters.firstIndex(where: { $0.name == name })
      else { return nil }
      let (weight, trained) = (start.parameters[index], network.parameters[index])
      let change = weight.change(of: trained, startFactor: factor, team: team)
      return Layer(
        name, ceiling, Spectrum(try change.deduplicatedSingularValues(team)),
        copyDistance: weight.copyDistance(in: trained, startFactor: factor, team: team))
    }
  }

  /// Ends the training loop.
  private struct Enough: Error {}
}

extension TrainingPlan {
  /// The same plan with as many epochs as some updates take.
  ///
  /// - Parameters:
  ///   - updates: The number of updates, at least 1.
  ///   - sampleCount: The number of training images.
  /// - Returns: The plan.
  public func lasting(updates: Int, sampleCount: Int) -> TrainingPlan {
    var plan = self
    let perEpoch = updatesPerEpoch(sampleCount: sampleCount)
    plan.epochs = (updates + perEpoch - 1) / perEpoch
    return plan
  }
}

extension CeilingTrial.Layer {
  fileprivate init(
    _ tensor: String, _ ceiling: Int, _ spectrum: Spectrum, copyDistance: Double?
  ) {
    let largest = spectrum.values.first ?? 0
    let tight = spectrum.rank(above: CeilingTrial.relativeTolerance * largest)
    self.init(
      tensor: tensor, ceiling: ceiling, largest: largest,
      notebookRank: spectrum.rank(above: NumericalRank.notebookTolerance).rank, rank: tight.rank,
      smallestAbove: tight.smallestAbove, largestBelow: tight.largestBelow,
      copyDistance: copyDistance)
  }
}
