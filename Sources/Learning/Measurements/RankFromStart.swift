// The measurement that means the same for every initializer.

public import LinearAlgebra

/// rank(W − W₀): how many directions training has changed.
///
/// For layers that start from the identity it equals rank(W − I); for others, whose W₀ − I has full
/// rank already, only this one says anything.
public struct RankFromStart: Measurement {
  /// Makes the measurement; it has no parameters.
  public init() {}

  /// The rank under `NAME.weight`.
  ///
  /// - Parameter layer: The layer now.
  /// - Returns: Whole numbers, at most the smaller extent of the weight.
  /// - Throws: `FactorizationError` when the weight holds a NaN or an infinity.
  public func values<Scalar>(of layer: inout MeasuredLayer<Scalar>) throws(FactorizationError)
    -> [String: Double]
  {
    ["\(layer.name).weight": Double(try layer.rank(from: .start))]
  }
}
