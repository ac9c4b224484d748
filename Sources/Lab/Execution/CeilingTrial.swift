// Ceilings, held against training in a precision that takes long to blur them.

public import Datasets
import LinearAlgebra
import Networks
public import Parallelism
import Spectra
import Symmetry
public import Training

/// The ranks of W − W₀ after some updates in double precision, beside their ceilings.
///
/// Counted twice: at the notebook's tolerance, and at 10⁻⁹ of the largest singular value. Copies part by
/// rounding alone, which in double precision is 10⁻¹⁶ an operation and leaves singular values far below the second
/// tolerance for many hundred updates, while what training really changed lies above it; `largestBelow` and
/// `smallestAbove` show the gap.
public struct CeilingTrial: Encodable, Equatable, Sendable {
  /// One measured layer.
  public struct Layer: Encodable, Equatable, Sendable {
    /// For example `l3.weight`.
    public let tensor: String

    /// The largest rank that symmetry allows.
    public let ceiling: Int

    /// σ₁ of W − W₀.
    public let largest: Double

    /// The singular values above the notebook's tolerance.
    public let notebookRank: Int

    /// Those above 10⁻⁹ · σ₁.
    public let rank: Int

    /// The smallest of these, `nil` if there is none.
    public let smallestAbove: Double?

    /// The largest of the others, `nil` if there is none.
    public let largestBelow: Double?

    /// Whether either rank lies above the ceiling.
    public var isExceeded: Bool { max(rank, notebookRank) > ceiling }

    private enum CodingKeys: String, CodingKey {
      case tensor, ceiling, rank
      case largest = "largest_singular_value"
      case notebookRank = "rank_above_notebook_tolerance"
      case smallestAbove = "smallest_above"
      case largestBelow = "largest_below"
    }
  }

  /// The tight tolerance, as a share of σ₁.
  public static let relativeTolerance = 1e-9

  /// The updates made.
  public let updates: Int

  /// Every measured layer.
  public let layers: [Layer]

  /// Whether a rank lies above its ceiling.
  public var isExceeded: Bool { layers.contains(where: \.isExceeded) }

  /// Trains, and counts.
  ///
  /// The ceilings are those of the network that is trained: a number may be 0 in single precision and not in double.
  ///
  /// - Parameters:
  ///   - plan: Valid for the data; it is trained for as many epochs as the updates take.
  ///   - data: What is trained on.
  ///   - updates: At least 1.
  ///   - team: Shares the work.
  /// - Throws: `PlanError`, `MemoryShortage`, `TrainingError.diverged`, and `FactorizationError` when a weight is no longer finite.
  public init(of plan: TrainingPlan, on data: Dataset, updates: Int, team: ThreadTeam = .alone)
    throws
  {
    try plan.checkDoubleNetwork(for: data)
    let start: Network<Double> = try plan.initialNetwork(for: data)
    let partition = EquitablePartition(of: start, liveInputs: data.train.nonzeroInputs, team: team)
    try self.init(
      of: partition.layerCeilings, plan, from: start, on: data, updates: updates, team: team)
  }

  /// Trains a network, and holds it against any ceilings.
  init(
    of ceilings: [LayerCeiling], _ plan: TrainingPlan, from start: Network<Double>,
    on data: Dataset, updates: Int, team: ThreadTeam = .alone
  ) throws {
    var plan = plan
    let perEpoch = plan.updatesPerEpoch(sampleCount: data.train.count)
    plan.epochs = (updates + perEpoch - 1) / perEpoch
    var network = start
    var made = 0
    do {
      try train(&network, by: plan, on: data, team: team) { event, _, _ in
        guard case .reached(let position) = event else { return }
        made = plan.updates(at: position, sampleCount: data.train.count)
        if made == updates { throw Enough() }
      }
    } catch is Enough {}
    self.updates = made
    layers = try zip(network.layers, start.layers).enumerated().compactMap { index, pair in
      let tensor = "\(Architecture.layerName(index)).weight"
      guard plan.measuredWeights.contains(tensor),
        let ceiling = ceilings.first(where: { $0.tensor == tensor })?.ceiling
      else { return nil }
      var change = pair.0.weight
      change.subtract(pair.1.weight, team: team)
      return Layer(tensor, ceiling, Spectrum(try change.deduplicatedSingularValues(team)))
    }
  }

  /// Ends the loop.
  private struct Enough: Error {}
}

extension CeilingTrial.Layer {
  fileprivate init(_ tensor: String, _ ceiling: Int, _ spectrum: Spectrum) {
    let largest = spectrum.values.first ?? 0
    let tight = spectrum.rank(above: CeilingTrial.relativeTolerance * largest)
    self.init(
      tensor: tensor, ceiling: ceiling, largest: largest,
      notebookRank: spectrum.rank(above: NumericalRank.notebookTolerance).rank, rank: tight.rank,
      smallestAbove: tight.smallestAbove, largestBelow: tight.largestBelow)
  }
}
