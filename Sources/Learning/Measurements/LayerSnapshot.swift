public import ZerOLinearAlgebra
import ZerONetworks
public import ZerOSpectra

/// The spectra and a downsampled map of a measured layer at one time.
public struct LayerSnapshot: Equatable, Sendable {
  /// The maximum number of rows and columns of a map.
  public static let mapLimit = 64

  /// The name of the weight, for example `l3.weight`.
  public let tensor: String

  /// m, the number of rows of the weight.
  public let rows: Int

  /// n, the number of columns of the weight.
  public let columns: Int

  /// The singular values of W − R, by reference R.
  ///
  /// The start is left out if it is the identity.
  public let spectra: [WeightReference: Spectrum]

  /// W divided into at most `mapLimit` × `mapLimit` blocks: the element of largest magnitude of
  /// each.
  public let map: Matrix<Float>

  /// Describes a layer.
  ///
  /// - Parameter layer: The layer in its current state.
  /// - Throws: `FactorizationError` if the weight contains a NaN or an infinity.
  /// - Complexity: One singular value decomposition per spectrum.
  init<Scalar>(_ layer: MeasuredLayer<Scalar>) throws(FactorizationError) {
    tensor = layer.name.weight
    rows = layer.rows
    columns = layer.columns
    spectra = try layer.spectra()
    map = Matrix<Float>(layer.blockExtremes(atMost: Self.mapLimit))
  }
}
