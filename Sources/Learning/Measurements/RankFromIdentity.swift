public import ZerOLinearAlgebra
import ZerONetworks
import ZerOSpectra

/// rank(W − I) and, for a layer with biases, the rank of its broadcast bias minus I, at the
/// tolerance 1e-4.
///
/// The bias series contains no information about training. It is kept because the reference
/// notebook prints it, so the outputs can be compared line by line.
public struct RankFromIdentity: LayerMeasurement {
  /// Makes the measurement; it has no parameters.
  public init() {}

  /// Computes the ranks, under the names of the weight and of the bias, if there is one.
  ///
  /// - Parameter layer: The layer in its current state.
  /// - Returns: Integers, at most the smaller dimension of the weight.
  /// - Throws: `FactorizationError` if the weight contains a NaN or an infinity.
  public func values<Scalar>(of layer: inout MeasuredLayer<Scalar>) throws(FactorizationError)
    -> [String: Double]
  {
    var values = [layer.name.weight: Double(try layer.rank(from: .identity))]
    if let bias = layer.bias {
      let rank = NumericalRank(
        singularValues: singularValuesOfBroadcastMinusIdentity(bias.map { Double($0) }),
        tolerance: NumericalRank.notebookTolerance)
      values[layer.name.bias] = Double(rank.rank)
    }
    return values
  }
}
