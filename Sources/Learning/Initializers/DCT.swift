public import ZerOLinearAlgebra
public import ZerORandomness

/// Semi-orthogonal initialization by the discrete cosine transform.
///
/// With N = max(m, n),
///
/// ```
/// W[i, j] = √(2/N) · cᵢ · cos(π(2j + 1)i / 2N),   c₀ = √½, else cᵢ = 1
/// ```
///
/// These are the first m rows and n columns of the orthonormal DCT-II of size N. All singular
/// values are 1, and every shape is defined. The weight is computed in double precision and then
/// rounded.
///
/// Known weakness: the transform treats the inputs as a signal, in the order of their indices. A
/// layer that reduces the dimension keeps the m lowest frequencies and discards all detail.
/// However, the pixels of an image are two-dimensional, and hidden units have no meaningful order.
/// If m ≤ n, row 0 is proportional to the mean and every other row sums to 0, so equal inputs
/// activate only one unit. W − I has full rank before training.
///
/// For convolution kernels, ``Initializer/kernel(_:using:)`` transforms the channels in the center
/// tap.
///
/// Reference: N. Ahmed, T. Natarajan and K. R. Rao, "Discrete Cosine Transform", IEEE Transactions
/// on Computers C-23 (1974); as a replacement for random weights: P. Grau Jurado, X. Liang, A. M.
/// Javid and S. Chatterjee, "Use of Deterministic Transforms to Design Weight Matrices of a Neural
/// Network" (2021), arXiv 2110.03515.
public struct DCT: Initializer {
  /// Makes the initializer.
  public init() {}

  /// Computes the weight in O(m·n); never throws and draws no random numbers.
  public func weight(_ shape: WeightShape, using streams: inout RandomStreams)
    throws(InitializationError) -> Matrix<Float>
  {
    let size = max(shape.outputs, shape.inputs)
    let (first, other) = ((1 / Double(size)).squareRoot(), (2 / Double(size)).squareRoot())
    return Matrix(rows: shape.outputs, columns: shape.inputs) { i, j in
      // cos(x) = sin(x + a quarter turn), and a quarter turn is size / (4 · size).
      let part = ((2 * j + 1) * i + size) % (4 * size)
      return Float((i == 0 ? first : other) * sine(ofTurn: part, of: 4 * size))
    }
  }
}
