// The rows of a cosine transform.

public import LinearAlgebra
public import Randomness

/// Initialization by the discrete cosine transform, semi-orthogonal.
///
/// With N = max(m, n),
///
/// ```
/// W[i, j] = √(2/N) · cᵢ · cos(π(2j + 1)i / 2N),   c₀ = √½, else cᵢ = 1
/// ```
///
/// the first m rows and n columns of the orthonormal DCT-II of size N: all singular values are 1, and no
/// shape is without a value. It is computed in double precision and rounded at the end.
///
/// Known weakness: the inputs are taken for a signal in the order of their numbers. A narrowing layer keeps
/// the m lowest frequencies and drops all detail, although the pixels of a picture lie row behind row and
/// the order of hidden units means nothing. Where m ≤ n, row 0 is the mean but for its scale and every
/// other row sums to 0: equal inputs reach one unit only. W − I has full rank from the start.
///
/// The rule for kernels, ``Initializer/kernel(_:using:)``, transforms the channels in the center tap.
///
/// Reference: N. Ahmed, T. Natarajan and K. R. Rao, "Discrete Cosine Transform", IEEE Transactions on
/// Computers C-23 (1974); in the place of random weights: P. Grau Jurado, X. Liang, A. M. Javid and
/// S. Chatterjee, "Use of Deterministic Transforms to Design Weight Matrices of a Neural Network" (2021),
/// arXiv 2110.03515.
public struct DCT: Initializer {
  /// Makes the rule; it has no parameters.
  public init() {}

  /// The weight, in O(m·n); never throws, draws nothing.
  public func weight(_ shape: WeightShape, using streams: inout RandomStreams)
    throws(InitializationError) -> Matrix<Float>
  {
    let size = max(shape.outputs, shape.inputs)
    let (first, other) = ((1 / Double(size)).squareRoot(), (2 / Double(size)).squareRoot())
    return Matrix(rows: shape.outputs, columns: shape.inputs) { i, j in
      // A cosine is the sine of an angle a quarter of a turn, size / (4 · size), larger.
      let part = ((2 * j + 1) * i + size) % (4 * size)
      return Float((i == 0 ? first : other) * sine(ofTurn: part, of: 4 * size))
    }
  }
}
