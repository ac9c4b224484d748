// What measurements read: one layer now, and what it started from. Ranks are kept for the time of one
// observation, because two measurements may ask for the same one: where a layer starts from the
// identity, its distance from the start is its distance from the identity.

public import LinearAlgebra
public import Parallelism
public import Spectra

/// What a weight is compared with.
public enum WeightReference: String, Hashable, Sendable {
  /// I, of the weight's shape.
  case identity

  /// W₀, the weight before training.
  case start
}

/// A layer under observation.
public struct MeasuredLayer<Scalar: MatrixScalar>: Sendable {
  /// The layer's name, for example `l3`.
  public let name: String

  /// W.
  public let weight: Matrix<Scalar>

  /// b, or `nil` for a layer without bias.
  public let bias: ContiguousArray<Scalar>?

  /// W₀; `nil` where it is the identity.
  private let start: Matrix<Scalar>?
  private let crew: Crew
  private var ranks: [WeightReference: Int] = [:]

  /// Puts a layer under observation at its start.
  ///
  /// - Parameters:
  ///   - name: The layer's name.
  ///   - weight: W₀.
  ///   - bias: b₀, or `nil`.
  public init(name: String, weight: Matrix<Scalar>, bias: ContiguousArray<Scalar>?) {
    self.name = name
    self.weight = weight
    self.bias = bias
    start = weight.isIdentity ? nil : weight
    crew = .alone
  }

  /// The same layer later.
  ///
  /// - Parameters:
  ///   - weight: W, of W₀'s shape.
  ///   - bias: b, or `nil`.
  ///   - crew: Shares the work of measuring.
  /// - Returns: The layer as it is now, its references unchanged.
  public func updated(weight: Matrix<Scalar>, bias: ContiguousArray<Scalar>?, crew: Crew)
    -> MeasuredLayer
  {
    MeasuredLayer(self, weight: weight, bias: bias, crew: crew)
  }

  private init(
    _ earlier: MeasuredLayer, weight: Matrix<Scalar>, bias: ContiguousArray<Scalar>?, crew: Crew
  ) {
    name = earlier.name
    start = earlier.start
    self.weight = weight
    self.bias = bias
    self.crew = crew
  }

  /// rank(W − R) at the notebook's tolerance, the difference taken in double precision.
  ///
  /// - Parameter reference: R.
  /// - Returns: The rank.
  /// - Throws: `FactorizationError` when the weight holds a NaN or an infinity.
  public mutating func rank(from reference: WeightReference) throws(FactorizationError) -> Int {
    let reference = start == nil ? .identity : reference
    if let known = ranks[reference] { return known }
    let rank = try NumericalRank.count(
      of: difference(from: reference), tolerance: NumericalRank.notebookTolerance, crew: crew)
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
    for reference in start == nil ? [WeightReference.identity] : [.identity, .start] {
      spectra[reference] = Spectrum(
        try difference(from: reference).singularValuesOfDistinctPart(crew))
    }
    return spectra
  }

  private func difference(from reference: WeightReference) -> Matrix<Double> {
    var difference = Matrix<Double>(weight, crew: crew)
    if reference == .start, let start {
      difference.subtract(start, crew: crew)
    } else {
      difference.subtractIdentity()
    }
    return difference
  }
}
