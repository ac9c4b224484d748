// What a measurement is.

public import LinearAlgebra

/// Something that is measured on a layer during training.
///
/// It reads and never writes.
public protocol Measurement: Sendable {
  /// Takes the measurement.
  ///
  /// - Parameter layer: The layer now; it may keep intermediate results for other measurements.
  /// - Returns: Values by tensor name, for example `["l3.weight": 56]`.
  /// - Throws: `FactorizationError` when the weight holds a NaN or an infinity.
  func values<Scalar>(of layer: inout MeasuredLayer<Scalar>) throws(FactorizationError)
    -> [String: Double]
}
