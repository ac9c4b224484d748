import ZerOLinearAlgebra
import ZerONetworks

/// The number of units of a layer, or channels of a convolution, whose incoming weights differ.
///
/// Two units are equal if their weights differ by at most a tolerance times the largest magnitude of a weight; with the tolerance 0, if all
/// bits are equal. With a tolerance a unit is counted if it differs from every unit that was counted before. Equal weights make equal
/// units only where bias, gain and shift are equal too.
public struct DistinctUnits: LayerMeasurement {
  /// The tolerance, relative to the largest magnitude of a weight.
  public let tolerance: Double

  /// Makes the measurement.
  ///
  /// - Parameter tolerance: 0 or more.
  public init(tolerance: Double) { self.tolerance = tolerance }

  /// Counts the units, under the name of the weight.
  ///
  /// - Parameter layer: The layer in its current state.
  /// - Returns: From 1 to the number of rows of the weight.
  /// - Complexity: O(m·n) for each unit that is counted; less where units differ early.
  public func values<Scalar>(of layer: inout MeasuredLayer<Scalar>) -> [String: Double] {
    let weight = layer.weight
    let all = weight.elements.span
    var largest: Scalar = 0
    for index in all.indices { largest = max(largest, abs(all[index])) }
    let limit = Scalar(tolerance) * largest
    var counted: [Int] = []
    for row in 0..<weight.rows {
      let isNew = counted.allSatisfy { other in
        for column in 0..<weight.columns {
          let (one, two) = (
            all[row &* weight.columns &+ column], all[other &* weight.columns &+ column]
          )
          // Negated, so that a NaN differs from everything.
          if !(abs(one - two) <= limit) { return true }
        }
        return false
      }
      if isNew { counted.append(row) }
    }
    return [layer.name.weight: Double(counted.count)]
  }
}
