public import ZerOLinearAlgebra
import ZerONetworks

/// How far identical units have diverged: 0 in exact arithmetic.
///
/// Hidden units that start identical stay identical except for rounding, because their sums are
/// computed in different orders. The distance compares elements of W − W₀ with the element of the
/// first units of the same two classes; it is the largest difference. With symmetry reduction it
/// is 0.
public struct CopyDistance: LayerMeasurement {
  /// Makes the measurement; it has no parameters.
  public init() {}

  /// Computes the distance, under the name of the weight.
  ///
  /// - Parameter layer: The layer in its current state.
  /// - Returns: A number of at least 0; nothing for a layer whose classes are unknown.
  /// - Throws: `FactorizationError` if the weight contains a NaN or an infinity.
  public func values<Scalar>(of layer: inout MeasuredLayer<Scalar>) throws(FactorizationError)
    -> [String: Double]
  {
    guard let distance = try layer.copyDistance() else { return [:] }
    return [layer.name.weight: distance]
  }
}
