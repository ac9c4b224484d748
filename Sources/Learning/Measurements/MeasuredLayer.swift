// What measurements read: one layer now, and what it started from. Ranks are kept for the time of one
// observation, because two measurements may ask for the same one: where a layer starts from the
// identity, its distance from the start is its distance from the identity.

public import LinearAlgebra
public import Networks
import Parallelism
public import Spectra
import Symmetry

/// What a weight is compared with.
public enum WeightReference: String, Hashable, Sendable {
  /// I, of the weight's shape.
  case identity

  /// W₀, the weight before training.
  case start
}

/// A layer under observation.
///
/// It may be trained folded, copies of a unit as one; what is measured is the whole layer either way.
public struct MeasuredLayer<Scalar: MatrixScalar>: Sendable {
  /// The layer's name, for example `l3`.
  public let name: String

  /// The layer before training.
  private let quotient: LayerQuotient<Scalar>

  /// The layer now, as it is trained.
  private let trained: DenseLayer<Scalar>
  private let team: ThreadTeam
  private var ranks: [WeightReference: Int] = [:]

  /// Looks at a layer.
  ///
  /// - Parameters:
  ///   - name: The layer's name.
  ///   - quotient: The layer before training.
  ///   - trained: The layer now, as it is trained.
  ///   - team: Shares the work of measuring.
  init(
    name: String, quotient: LayerQuotient<Scalar>, trained: DenseLayer<Scalar>, team: ThreadTeam
  ) {
    self.name = name
    self.quotient = quotient
    self.trained = trained
    self.team = team
  }

  /// Looks at a layer at its start.
  ///
  /// - Parameters:
  ///   - name: The layer's name.
  ///   - layer: The layer.
  public init(name: String, layer: DenseLayer<Scalar>) {
    self.init(
      name: name, quotient: LayerQuotient(unfolded: InitialLayer(layer)), trained: layer,
      team: .alone)
  }

  /// m, the outputs of the whole layer.
  public var rows: Int { quotient.rows }

  /// n, the inputs of the whole layer.
  public var columns: Int { quotient.columns }

  /// b, or `nil` for a layer without bias.
  public var bias: ContiguousArray<Scalar>? { quotient.expandedBias(trained.bias) }

  /// W as blocks, each with its element of largest magnitude.
  ///
  /// - Parameter limit: The most rows and columns of the result, at least 1.
  /// - Returns: min(m, limit) × min(n, limit).
  public func blockExtremes(atMost limit: Int) -> Matrix<Scalar> {
    quotient.blockExtremes(of: trained.weight, atMost: limit)
  }

  /// How far rounding has brought copies apart; `nil` where the layer's classes aren't known.
  ///
  /// - Throws: `FactorizationError.notFinite` when the weight holds a NaN or an infinity.
  public func copyDistance() throws(FactorizationError) -> Double? {
    guard let distance = quotient.copyDistance(in: trained.weight, team: team) else { return nil }
    guard distance.isFinite else { throw .notFinite }
    return distance
  }

  /// rank(W − R) at the notebook's tolerance, the difference taken in double precision.
  ///
  /// - Parameter reference: R.
  /// - Returns: The rank.
  /// - Throws: `FactorizationError` when the weight holds a NaN or an infinity.
  public mutating func rank(from reference: WeightReference) throws(FactorizationError) -> Int {
    let reference = startsFromIdentity ? .identity : reference
    if let known = ranks[reference] { return known }
    let rank = try NumericalRank.count(
      of: difference(from: reference), tolerance: NumericalRank.notebookTolerance, team: team)
    ranks[reference] = rank
    return rank
  }

  /// Every singular value of W − R, by each reference that is another matrix: from its start only where
  /// the layer doesn't start from the identity.
  ///
  /// - Returns: The spectra; from an identity the one from the start would be the same.
  /// - Throws: `FactorizationError` when the weight holds a NaN or an infinity.
  public func spectra() throws(FactorizationError) -> [WeightReference: Spectrum] {
    var spectra: [WeightReference: Spectrum] = [:]
    for reference in startsFromIdentity ? [WeightReference.identity] : [.identity, .start] {
      let values = try difference(from: reference).deduplicatedSingularValues(team)
      // What was folded away has none.
      let folded = min(rows, columns) - values.count
      spectra[reference] = Spectrum(values + [Double](repeating: 0, count: folded))
    }
    return spectra
  }

  private var startsFromIdentity: Bool { quotient.start.isIdentity }

  /// A matrix with the singular values of W − R; fewer zeros where the layer is folded.
  private func difference(from reference: WeightReference) -> Matrix<Double> {
    if reference == .start || startsFromIdentity {
      return quotient.change(of: trained.weight, team: team)
    }
    // A folded W − I is more than the folded W − W₀ shows.
    var difference = Matrix<Double>(quotient.expandedWeight(trained.weight), team: team)
    difference.subtractIdentity()
    return difference
  }
}
