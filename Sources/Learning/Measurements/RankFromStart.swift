public import ZerOLinearAlgebra
import ZerONetworks

/// rank(W − W₀), the rank of a weight's change during training, at the tolerance 1e-4.
///
/// For a layer that starts from the identity it equals rank(W − I). For other layers, W₀ − I
/// usually has full rank before training, so rank(W − I) is uninformative.
public struct RankFromStart: LayerMeasurement {
  /// Makes the measurement; it has no parameters.
  public init() {}

  /// Computes the rank, under the name of the weight.
  ///
  /// - Parameter layer: The layer in its current state.
  /// - Returns: An integer, at most the smaller dimension of the weight.
  /// - Throws: `FactorizationError` if the weight contains a NaN or an infinity.
  public func values<Scalar>(of layer: inout MeasuredLayer<Scalar>) throws(FactorizationError)
    -> [String: Double]
  {
    [layer.name.weight: Double(try layer.rank(from: .start))]
  }
}
