// The notebook's own measurement.

public import LinearAlgebra
import Spectra

/// rank(W − I) and, for a layer with bias, the rank of its broadcast bias minus I.
///
/// The bias series has no meaning for training; it is kept because the notebook's filter catches it,
/// so that its output can be compared line by line.
public struct RankFromIdentity: Measurement {
  /// Makes the measurement; it has no parameters.
  public init() {}

  /// Ranks under `NAME.weight` and, with a bias, `NAME.bias`.
  ///
  /// - Parameter layer: The layer now.
  /// - Returns: Whole numbers, at most the smaller extent of the weight.
  /// - Throws: `FactorizationError` when the weight holds a NaN or an infinity.
  public func values<Scalar>(of layer: inout MeasuredLayer<Scalar>) throws(FactorizationError)
    -> [String: Double]
  {
    var values = ["\(layer.name).weight": Double(try layer.rank(from: .identity))]
    if let bias = layer.bias {
      let rank = NumericalRank(
        singularValues: singularValuesOfBroadcastMinusIdentity(bias.map { Double($0) }),
        tolerance: NumericalRank.notebookTolerance)
      values["\(layer.name).bias"] = Double(rank.rank)
    }
    return values
  }
}
