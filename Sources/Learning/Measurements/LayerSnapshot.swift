// A layer in full: more than is measured at every log line, since it takes longer and more room.

public import LinearAlgebra
public import Spectra

/// What a measured layer looks like at one moment.
public struct LayerSnapshot: Equatable, Sendable {
  /// The most rows and columns of a map.
  public static let mapLimit = 64

  /// The weight's name, for example `l3.weight`.
  public let tensor: String

  /// The weight's rows, m.
  public let rows: Int

  /// The weight's columns, n.
  public let columns: Int

  /// The singular values of W − R, by R; those from the start where it isn't the identity.
  public let spectra: [WeightReference: Spectrum]

  /// W as blocks, each with its element of largest magnitude; at most `mapLimit` rows and columns.
  public let map: Matrix<Float>

  /// Looks at a layer.
  ///
  /// - Parameter layer: The layer now.
  /// - Throws: `FactorizationError` when the weight holds a NaN or an infinity.
  /// - Complexity: A singular value decomposition a spectrum.
  init<Scalar>(_ layer: MeasuredLayer<Scalar>) throws(FactorizationError) {
    tensor = "\(layer.name).weight"
    rows = layer.rows
    columns = layer.columns
    spectra = try layer.spectra()
    map = Matrix<Float>(layer.blockExtremes(atMost: Self.mapLimit))
  }
}
