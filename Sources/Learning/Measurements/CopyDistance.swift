// The measurement that shows rounding at work.

public import LinearAlgebra

/// How far copies have parted: 0 in exact arithmetic.
///
/// Hidden units that the initial weights make identical stay so but for rounding, which adds in another order for each.
/// The distance is the largest, over the elements of W − W₀, from the element of the first units of the same
/// classes; with exact ties it is 0.
public struct CopyDistance: Measurement {
  /// Makes the measurement; it has no parameters.
  public init() {}

  /// The distance under `NAME.weight`.
  ///
  /// - Parameter layer: The layer now.
  /// - Returns: A number from 0 on; nothing for a layer whose classes aren't known.
  /// - Throws: `FactorizationError` when the weight holds a NaN or an infinity.
  public func values<Scalar>(of layer: inout MeasuredLayer<Scalar>) throws(FactorizationError)
    -> [String: Double]
  {
    guard let distance = try layer.copyDistance() else { return [:] }
    return ["\(layer.name).weight": distance]
  }
}
