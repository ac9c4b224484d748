// Each unit a sine of its own frequency.

public import LinearAlgebra
public import Randomness

/// Sinusoidal initialization: row i is a sine with i + 1 periods over the inputs, and a phase.
///
/// ```
/// S[i, j] = sin((i + 1) · (2πj/n + 2π/m))
/// W = a · S,   a = √(2 / (v · (m + n)))
/// ```
///
/// v is the unbiased variance of S's m·n elements, so that W has the variance of Xavier's weights. It is
/// computed in double precision and rounded at the end, and elements that are 0 are exactly 0.
///
/// Where neither m nor n exceeds 2, all sines are 0 and the rule has no value. Every other shape has
/// some: S[0, 0] = sin(2π/m) isn't 0 for m ≥ 3, S[0, 1] = ±sin(2π/n) isn't for m ≤ 2 and n ≥ 3, and the last
/// row begins with 0.
///
/// Known weakness: a square layer has half rank. Columns j and n − 2 − j of it are each other's negative,
/// and what is left over is 0: the rank is n/2 − 1 for even n (784: 391) and (n − 1)/2 for odd n. Other
/// shapes of a simple ratio lose rank too: 2n × n has ⌊n/2⌋, m × 2m has m − 1. Neighboring shapes don't:
/// 784 × 785 has 784. The authors' program computes the angles in single precision, whose rounding fills
/// some of the missing rank with noise: at 784 × 784 an element moves by up to 2.7e-5, and 465 singular
/// values exceed 1e-4.
///
/// The authors spread a unit's sine over all taps of a kernel, as over a layer of n·k inputs; here
/// ``Initializer/kernel(_:using:)`` has the center tap alone.
///
/// Reference: A. Fernández-Hernández, J. I. Mestre, M. F. Dolz, J. Duato and E. S. Quintana-Ortí,
/// "Sinusoidal Initialization, Time for a New Start" (2025), arXiv 2505.12909; the authors' `sinusoidal_`.
public struct Sinusoidal: Initializer {
  /// Makes the rule; it has no parameters.
  public init() {}

  /// Refuses layers of at most 2 outputs and inputs.
  ///
  /// - Throws: `InitializationError.sinusoidalWithoutVariance`.
  public func check(_ shape: WeightShape) throws(InitializationError) {
    guard max(shape.outputs, shape.inputs) > 2 else { throw .sinusoidalWithoutVariance(shape) }
  }

  /// The weight, in O(m·n); draws nothing.
  ///
  /// - Throws: `InitializationError.sinusoidalWithoutVariance` when neither m nor n exceeds 2.
  public func weight(_ shape: WeightShape, using streams: inout RandomStreams)
    throws(InitializationError) -> Matrix<Float>
  {
    try check(shape)
    let (m, n) = (shape.outputs, shape.inputs)
    // (i + 1)(j/n + 1/m) of a turn, whole turns taken away, in parts of 1/(m·n).
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
