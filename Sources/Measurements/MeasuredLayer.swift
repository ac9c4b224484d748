// What measurements read: one layer now, and what it started from. Ranks are kept for the time of one
// observation, because two measurements may ask for the same one: where a layer starts from the
// identity, its distance from the start is its distance from the identity.

public import LinearAlgebra
import Spectra

/// A layer under observation, in double precision.
public struct MeasuredLayer: Sendable {
  /// What a weight is compared with.
  public enum Reference: Hashable, Sendable {
    /// I, of the weight's shape.
    case identity

    /// W₀, the weight before training.
    case start
  }

  /// The layer's name, for example `l3`.
  public let name: String

  /// W.
  public let weight: Matrix<Double>

  /// b, or `nil` for a layer without bias.
  public let bias: [Double]?

  private let references: [Reference: Matrix<Double>]
  private let startsFromIdentity: Bool
  private var ranks: [Reference: Int] = [:]

  /// Puts a layer under observation at its start.
  ///
  /// - Parameters:
  ///   - name: The layer's name.
  ///   - weight: W₀.
  ///   - bias: b₀, or `nil`.
  public init(name: String, weight: Matrix<Double>, bias: [Double]?) {
    let identity = Matrix<Double>.identity(rows: weight.rows, columns: weight.columns)
    self.name = name
    self.weight = weight
    self.bias = bias
    references = [.identity: identity, .start: weight]
    startsFromIdentity = weight == identity
  }

  /// The same layer later.
  ///
  /// - Parameters:
  ///   - weight: W, of W₀'s shape.
  ///   - bias: b, or `nil`.
  /// - Returns: The layer as it is now, its references unchanged.
  public func updated(weight: Matrix<Double>, bias: [Double]?) -> MeasuredLayer {
    MeasuredLayer(self, weight: weight, bias: bias)
  }

  private init(_ earlier: MeasuredLayer, weight: Matrix<Double>, bias: [Double]?) {
    name = earlier.name
    references = earlier.references
    startsFromIdentity = earlier.startsFromIdentity
    self.weight = weight
    self.bias = bias
  }

  /// rank(W − R) at the notebook's tolerance.
  ///
  /// - Parameter reference: R.
  /// - Returns: The rank.
  /// - Throws: `FactorizationError` when the weight holds a NaN or an infinity.
  public mutating func rank(from reference: Reference) throws(FactorizationError)
    -> Int
  {
    let key = startsFromIdentity ? .identity : reference
    if let known = ranks[key] { return known }
    guard let origin = references[key] else {
      preconditionFailure("no reference \(key) for the layer \(name)")
    }
    let rank = try NumericalRank.count(
      of: weight - origin, tolerance: NumericalRank.notebookTolerance)
    ranks[key] = rank
    return rank
  }
}
