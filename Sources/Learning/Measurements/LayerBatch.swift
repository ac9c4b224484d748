public import ZerOLinearAlgebra

/// A layer's values and gradients for the latest batch, before its update, and the change of its weight by this update.
///
/// With symmetry reduction, a row stands for all units of its class; the functions below weigh each by its number of units.
public struct LayerBatch<Scalar: MatrixScalar>: Sendable {
  /// a, the outputs after the activation, m × s.
  public let outputs: Matrix<Scalar>

  /// δ, the gradient of the mean loss in the outputs before the activation, m × s.
  public let gradient: Matrix<Scalar>

  /// x, the inputs, n × s.
  public let inputs: Matrix<Scalar>

  /// The weight before the update; `nil` unless a quantity needs it.
  public let previousWeight: Matrix<Scalar>?

  /// The weight after the update, as it is trained.
  let weight: Matrix<Scalar>

  /// The number of units of the whole layer.
  let unitCount: Int

  /// The numbers of units that rows and columns of the weight stand for; `nil` if each is one unit.
  let multiplicities: (rows: ContiguousArray<Double>?, columns: ContiguousArray<Double>?)

  /// √(Σ a² / s): the Euclidean norm of the outputs of a sample, as root mean square over the samples.
  public var activationNorm: Double {
    (sum(outputs) { $0 * $0 } / Double(outputs.columns)).squareRoot()
  }

  /// The variance of the outputs over all units and samples.
  public var activationVariance: Double {
    let count = Double(unitCount * outputs.columns)
    let mean = sum(outputs) { $0 } / count
    return max(0, sum(outputs) { $0 * $0 } / count - mean * mean)
  }

  /// The proportion of units whose output is 0 or less for every sample of the batch; units that symmetry reduction omits count.
  public var deadProportion: Double {
    let all = outputs.elements.span
    var live = 0.0
    for row in 0..<outputs.rows
    where (0..<outputs.columns).contains(where: { all[row * outputs.columns + $0] > 0 }) {
      live += multiplicities.rows?[row] ?? 1
    }
    return 1 - live / Double(unitCount)
  }

  /// ‖δ·xᵀ‖, the Frobenius norm of the gradient of the weight.
  public var gradientNorm: Double {
    squaredNormOfProduct(
      gradient, inputs, rows: multiplicities.rows, columns: multiplicities.columns
    ).squareRoot()
  }

  /// ‖W − W of the update before‖, the Frobenius norm; `nil` without that weight.
  public var updateNorm: Double? {
    guard let previousWeight else { return nil }
    let (now, before) = (weight.elements.span, previousWeight.elements.span)
    var sum = 0.0
    var position = 0
    for row in 0..<weight.rows {
      let factor = multiplicities.rows?[row] ?? 1
      for column in 0..<weight.columns {
        let change = Double(now[position]) - Double(before[position])
        sum += factor * (multiplicities.columns?[column] ?? 1) * change * change
        position += 1
      }
    }
    return sum.squareRoot()
  }

  private func sum(_ matrix: Matrix<Scalar>, _ f: (Double) -> Double) -> Double {
    let all = matrix.elements.span
    var total = 0.0
    for row in 0..<matrix.rows {
      var sum = 0.0
      for column in 0..<matrix.columns { sum += f(Double(all[row &* matrix.columns &+ column])) }
      total += (multiplicities.rows?[row] ?? 1) * sum
    }
    return total
  }
}
