public import ZerOLinearAlgebra
import ZerOParallelism
import ZerOSpectra

/// A layer's values and gradients for the latest batch, before its update, and the change of its weight by this update.
///
/// With symmetry reduction, a row stands for all units of its class; the functions below weigh each by its number of units.
public struct LayerBatch<Scalar: MatrixScalar>: Sendable {
  /// The gradient of the mean loss in the weight.
  enum Gradient: Sendable {
    /// δ, m × s, and x, n × s, whose product δ·xᵀ it is.
    case factors(Matrix<Scalar>, Matrix<Scalar>)
    /// All elements.
    case elements(ContiguousArray<Scalar>)
  }

  /// a, the outputs after normalization and activation of a convolution, or after the activation of a dense layer: (pixels · units) × s.
  public let outputs: Matrix<Scalar>

  /// The number of pixels; 1 without images.
  let pixels: Int

  /// The gradient of the weight, before clipping.
  let gradient: Gradient

  /// The weight before the update; `nil` unless a quantity needs it.
  public let previousWeight: Matrix<Scalar>?

  /// The weight after the update, as it is trained.
  let weight: Matrix<Scalar>

  /// The number of units of the whole layer.
  let unitCount: Int

  /// The numbers of units that rows and columns of the weight stand for, with a column per tap of a kernel; `nil` if each is one unit.
  let multiplicities: (rows: ContiguousArray<Double>?, columns: ContiguousArray<Double>?)

  /// √(Σ a² / s): the Euclidean norm of the outputs of a sample, as root mean square over the samples.
  public var activationNorm: Double {
    (sum(outputs) { $0 * $0 } / Double(outputs.columns)).squareRoot()
  }

  /// The variance of the outputs over all units and samples.
  public var activationVariance: Double {
    let count = Double(unitCount * outputs.columns * pixels)
    let mean = sum(outputs) { $0 } / count
    return max(0, sum(outputs) { $0 * $0 } / count - mean * mean)
  }

  /// The proportion of units whose output is 0 or less for every sample and pixel of the batch; units that symmetry reduction omits
  /// count.
  public var deadProportion: Double {
    let all = outputs.elements.span
    let units = outputs.rows / pixels
    var isLive = [Bool](repeating: false, count: units)
    for row in 0..<outputs.rows where !isLive[row % units] {
      isLive[row % units] = (0..<outputs.columns).contains { all[row * outputs.columns + $0] > 0 }
    }
    var live = 0.0
    for unit in 0..<units where isLive[unit] { live += multiplicities.rows?[unit] ?? 1 }
    return 1 - live / Double(unitCount)
  }

  /// The number of singular values of the outputs, units × (samples · pixels), above 1e-4 of the largest one; 0 for outputs of zeros.
  ///
  /// They are the roots of the eigenvalues of A·Aᵀ, computed in double precision.
  ///
  /// - Throws: `FactorizationError` if an output is a NaN or an infinity.
  /// - Complexity: 2·u²·s·p floating-point operations for u units, s samples and p pixels, and an eigenvalue problem of u × u.
  public func featureRank() throws(FactorizationError) -> Int {
    let units = outputs.rows / pixels
    let values = Matrix<Double>(outputs)
    // A row that stands for several units has their common singular value.
    let lengths = multiplicities.rows?.map { $0.squareRoot() }
    let features = Matrix<Double>(rows: units, columns: pixels * outputs.columns) { unit, place in
      (lengths?[unit] ?? 1)
        * values.elements[
          (place / outputs.columns * units + unit) * outputs.columns + place % outputs.columns]
    }
    let squares = try (features * features.transposed(.alone)).deduplicatedSingularValues(.alone)
    let largest = squares.max() ?? 0
    return squares.count { $0 > 1e-8 * largest }
  }

  /// ‖∂L/∂W‖, the Frobenius norm of the gradient of the weight.
  public var gradientNorm: Double {
    switch gradient {
    case .factors(let delta, let inputs):
      squaredNormOfProduct(
        delta, inputs, rows: multiplicities.rows, columns: multiplicities.columns
      ).squareRoot()
    case .elements(let elements):
      squaredNorm { elements[$0] }.squareRoot()
    }
  }

  /// ‖W − W of the update before‖, the Frobenius norm; `nil` without that weight.
  public var updateNorm: Double? {
    guard let previousWeight else { return nil }
    let (now, before) = (weight.elements, previousWeight.elements)
    return squaredNorm { Double(now[$0]) - Double(before[$0]) }.squareRoot()
  }

  /// The sum of the squares of numbers of all elements of the weight.
  private func squaredNorm<Number: BinaryFloatingPoint>(_ element: (Int) -> Number) -> Double {
    var sum = 0.0
    var position = 0
    for row in 0..<weight.rows {
      let factor = multiplicities.rows?[row] ?? 1
      for column in 0..<weight.columns {
        let value = Double(element(position))
        sum += factor * (multiplicities.columns?[column] ?? 1) * value * value
        position += 1
      }
    }
    return sum
  }

  private func sum(_ matrix: Matrix<Scalar>, _ f: (Double) -> Double) -> Double {
    let all = matrix.elements.span
    var total = 0.0
    for row in 0..<matrix.rows {
      var sum = 0.0
      for column in 0..<matrix.columns { sum += f(Double(all[row &* matrix.columns &+ column])) }
      total += (multiplicities.rows?[row % (matrix.rows / pixels)] ?? 1) * sum
    }
    return total
  }
}
