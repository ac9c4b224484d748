import ZerOInitializers
public import ZerOLinearAlgebra
import ZerONetworks
import ZerOSpectra

/// The largest rank of the change W − W₀ of a convolution kernel at one of its taps, at the tolerance 1e-4.
///
/// The rank of the whole kernel, outputs × (inputs · taps), can exceed the number of inputs, because taps add up. For a dense layer, which has one
/// tap, the two are equal.
public struct TapRank: LayerMeasurement {
  /// Makes the measurement; it has no parameters.
  public init() {}

  /// Computes the rank, under the name of the weight.
  ///
  /// - Parameter layer: The layer in its current state.
  /// - Returns: An integer, at most the smaller of the numbers of outputs and inputs.
  /// - Throws: `FactorizationError` if the weight contains a NaN or an infinity.
  /// - Complexity: One rank of outputs × inputs per tap.
  public func values<Scalar>(of layer: inout MeasuredLayer<Scalar>) throws(FactorizationError)
    -> [String: Double]
  {
    guard let kernel = layer.kernel else {
      return [layer.name.weight: Double(try layer.rank(from: .start))]
    }
    let change = layer.change
    var largest = 0
    for tap in 0..<kernel.taps {
      let matrix = Matrix<Double>(rows: change.rows, columns: change.columns / kernel.taps) {
        change[$0, $1 * kernel.taps + tap]
      }
      largest = max(
        largest,
        try NumericalRank.count(of: matrix, tolerance: NumericalRank.notebookTolerance))
    }
    return [layer.name.weight: Double(largest)]
  }
}
