public import ZerOLinearAlgebra
public import ZerORandomness
import ZerORequirements

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Sinusoidal initialization: row i is a sine with i + 1 periods over the inputs and its own phase.
///
/// ```
/// S[i, j] = sin((i + 1) · (2πj/n + 2π/m))
/// W = a · S,   a = √(2 / (v · (m + n)))
/// ```
///
/// v is the unbiased variance of the m·n elements of S, so W has the variance of Xavier's weights.
/// W is computed in double precision and then rounded; elements that are 0 are exactly 0.
///
/// If neither m nor n exceeds 2, all sines are 0 and the initializer is undefined. Every other
/// shape is defined: S[0, 0] = sin(2π/m) is nonzero for m ≥ 3, S[0, 1] = ±sin(2π/n) is nonzero for
/// m ≤ 2 and n ≥ 3, and the last row starts with 0.
///
/// Known weakness: a square layer has about half rank. Columns j and n − 2 − j are negatives of
/// each other, and columns without a counterpart are 0. The rank is n/2 − 1 for even n (784: 391)
/// and (n − 1)/2 for odd n. Other shapes with simple ratios lose rank, too: 2n × n has rank ⌊n/2⌋,
/// and m × 2m has rank m − 1. Neighboring shapes do not: 784 × 785 has rank 784. The authors'
/// program computes the angles in single precision. Their rounding adds noise that fills some of
/// the missing rank: at 784 × 784, elements change by up to 2.7e-5, and 465 singular values exceed
/// 1e-4.
///
/// The authors spread the sine of a unit over all taps of a convolution kernel, as in a layer with
/// n·k inputs. Here ``Initializer/kernel(_:using:)`` uses only the center tap.
///
/// Reference: A. Fernández-Hernández, J. I. Mestre, M. F. Dolz, J. Duato and E. S. Quintana-Ortí,
/// "Sinusoidal Initialization, Time for a New Start" (2025), arXiv 2505.12909; the authors'
/// `sinusoidal_`.
public struct Sinusoidal: Initializer {
  /// Makes the initializer.
  public init() {}

  /// Rejects layers with at most 2 outputs and at most 2 inputs.
  ///
  /// - Throws: `InitializationError.sinusoidalWithoutVariance`.
  public func check(_ shape: WeightShape) throws(InitializationError) {
    guard max(shape.outputs, shape.inputs) > 2 else { throw .sinusoidalWithoutVariance(shape) }
  }

  /// Computes the weight in O(m·n); draws no random numbers.
  ///
  /// - Throws: `InitializationError.sinusoidalWithoutVariance` if neither m nor n exceeds 2.
  public func weight(_ shape: WeightShape, using streams: inout RandomStreams)
    throws(InitializationError) -> Matrix<Float>
  {
    try check(shape)
    let (m, n) = (shape.outputs, shape.inputs)
    // The fractional part of (i + 1)(j/n + 1/m) turns, in units of 1/(m·n) of a turn.
    let sines = Matrix<Double>(rows: m, columns: n) { i, j in
      let part = ((i + 1) * j % n * m + (i + 1) % m * n) % (m * n)
      return sine(ofTurn: part, of: m * n)
    }
    let count = Double(sines.elements.count)
    let mean = sines.elements.reduce(0, +) / count
    let variance = sines.elements.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
    let amplitude = (2 / (variance * Double(m + n))).squareRoot()
    return Matrix(
      rows: m, columns: n,
      elements: ContiguousArray(sines.elements.lazy.map { Float(amplitude * $0) }))
  }
}

/// sin(2π · `part` / `whole`).
///
/// The angle is reduced to the first quadrant in integers. Zeros are therefore exactly 0, extremes
/// exactly ±1, and sines that differ only in sign have the same bits, however large the angle.
///
/// - Parameters:
///   - part: 0 ..< `whole`.
///   - whole: 1 ... 2⁶⁰.
/// - Returns: The sine, with the rounding of a sine in the first quadrant.
func sine(ofTurn part: Int, of whole: Int) -> Double {
  require((0..<whole).contains(part), "\(part) / \(whole) is not in 0 ..< 1")
  let isNegative = 2 * part > whole
  let half = isNegative ? whole - part : part  // in units of 1/whole: at most half a turn
  let quarters = min(4 * half, 2 * whole - 4 * half)  // in units of 1/(4 · whole)
  let value = sin(Double.pi / 2 * (Double(quarters) / Double(whole)))
  return isNegative ? -value : value
}
