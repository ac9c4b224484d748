public import ZerOLinearAlgebra
import ZerONetworks
public import ZerOSpectra

/// A quantity of the singular values of W − W₀, the change of a weight during training.
///
/// All quantities of a layer share one decomposition. A numerical rank alone says little about a change with singular
/// values of every magnitude; effective rank, stable rank and rank at a fraction of the energy weigh them.
public struct QuantityFromStart: LayerMeasurement {
  /// The quantity.
  public let quantity: SpectralQuantity

  /// Makes the measurement of a quantity.
  public init(_ quantity: SpectralQuantity) {
    self.quantity = quantity
  }

  /// Computes the quantity, under the name of the weight.
  ///
  /// - Parameter layer: The layer in its current state.
  /// - Returns: A number of at least 0, which is 0 before training.
  /// - Throws: `FactorizationError` if the weight contains a NaN or an infinity, or the iteration does not converge.
  /// - Complexity: 8/3·n³ for the first quantity of a layer.
  public func values<Scalar>(of layer: inout MeasuredLayer<Scalar>) throws(FactorizationError)
    -> [String: Double]
  {
    let spectrum = try layer.spectrum(from: .start)
    return [
      layer.name.weight: quantity.value(of: spectrum, tolerance: NumericalRank.notebookTolerance)
    ]
  }

  /// Whether a name is that of such a measurement.
  public static func isName(_ name: String) -> Bool { entries.contains { $0.name == name } }

  /// One entry per quantity of the catalog, except the rank, which `RankFromStart` counts faster.
  static let entries = SpectralQuantity.catalog.filter { $0.key != "rank" }.map { quantity in
    MeasurementEntry(
      name: "\(quantity.key)_from_start",
      summary: "\(quantity.title) of W - W0: \(quantity.formula)",
      measurement: QuantityFromStart(quantity))
  }
}
