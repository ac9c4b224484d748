public import ZerOLinearAlgebra
import ZerONetworks

/// A number that describes how a batch and its gradient pass through a layer.
///
/// Over the layers of a deep network these numbers show whether signals and gradients vanish or explode.
public struct SignalQuantity: LayerMeasurement {
  /// The quantity.
  public enum Kind: String, CaseIterable, Sendable {
    /// `LayerBatch.activationNorm`.
    case activationNorm = "activation_norm"
    /// `LayerBatch.activationVariance`.
    case activationVariance = "activation_variance"
    /// `LayerBatch.deadProportion`.
    case deadUnits = "dead_units"
    /// `LayerBatch.gradientNorm`.
    case gradientNorm = "gradient_norm"
    /// `LayerBatch.updateNorm`.
    case updateNorm = "update_norm"
    /// `LayerBatch.featureRank()`.
    case featureRank = "feature_rank"
  }

  /// The quantity.
  public let kind: Kind

  /// The quantity is of the latest batch.
  public var needsBatch: Bool { true }

  /// Makes the measurement.
  public init(_ kind: Kind) { self.kind = kind }

  /// Computes the number of the latest batch, under the name of the weight.
  ///
  /// - Parameter layer: The layer in its current state.
  /// - Returns: A number of at least 0; nothing before training.
  /// - Throws: `FactorizationError` for the rank of outputs that are not finite.
  /// - Complexity: O(units · samples); O(m·n) for the norm of the update; see `LayerBatch.featureRank()`.
  public func values<Scalar>(of layer: inout MeasuredLayer<Scalar>) throws(FactorizationError)
    -> [String: Double]
  {
    guard let batch = layer.batch, let value = try value(batch) else { return [:] }
    return [layer.name.weight: value]
  }

  private func value<Scalar>(_ batch: LayerBatch<Scalar>) throws(FactorizationError) -> Double? {
    switch kind {
    case .activationNorm: batch.activationNorm
    case .activationVariance: batch.activationVariance
    case .deadUnits: batch.deadProportion
    case .gradientNorm: batch.gradientNorm
    case .updateNorm: batch.updateNorm
    case .featureRank: Double(try batch.featureRank())
    }
  }

  /// Whether a name is that of such a measurement.
  public static func isName(_ name: String) -> Bool { Kind(rawValue: name) != nil }

  /// One entry per quantity.
  static let entries = zip(
    Kind.allCases,
    [
      "norm of a sample's outputs of the layer, root mean square over the batch",
      "variance of the layer's outputs over units and batch",
      "proportion of units whose output is 0 or less for the whole batch",
      "Frobenius norm of the gradient of the weight, before clipping",
      "Frobenius norm of the change of the weight by the update",
      "rank of the layer's outputs over samples and pixels: singular values above 1e-4 of the largest",
    ]
  ).map { MeasurementEntry(name: $0.rawValue, summary: $1, measurement: SignalQuantity($0)) }
}
