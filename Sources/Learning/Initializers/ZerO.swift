public import ZerOLinearAlgebra
public import ZerORandomness

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// ZerO initialization: zeros and ones, up to one common factor.
///
/// If m ≤ n, W is the partial identity. If m > n, with k = ⌈log₂ m⌉, p = 2ᵏ and H the
/// Sylvester–Hadamard matrix,
///
/// ```
/// W = c · I(m × p) · H(p × p) · I(p × n),   that is   W[i, j] = c · (−1)^popcount(i & j)
/// ```
///
/// where c = 2^(−k/2) in the authors' code. For m = 2ᵏ all singular values are 1. For other m rows
/// are cut off, and the smallest singular value decreases (1000 × 784: 0.468). There are only
/// 2^⌈log₂ n⌉ distinct rows: for 2048 × 784 every row occurs twice.
///
/// Reference: J. Zhao, F. Schäfer and A. Anandkumar, "ZerO Initialization: Initializing Neural
/// Networks with only Zeros and Ones", TMLR (2022), arXiv 2110.12661, algorithm 1.
public struct ZerO: Initializer {
  /// The common factor c of the Hadamard rows.
  public enum Scale: Sendable {
    /// 2^(−k/2), as in the authors' program: an orthogonal transform.
    case code

    /// 2^(−(k−1)/2), as printed in the paper: √2 times larger.
    case paper
  }

  /// The factor of the Hadamard rows.
  public let scale: Scale

  /// Makes the initializer.
  ///
  /// - Parameter scale: The factor of the Hadamard rows; it does not apply to partial identities.
  public init(scale: Scale) { self.scale = scale }

  /// A square layer does not expand its input.
  public func isIdentity(_ shape: WeightShape) -> Bool { shape.isSquare }

  /// Computes the weight in O(m·n) without building H; never throws and draws no random numbers.
  public func weight(_ shape: WeightShape, using streams: inout RandomStreams)
    throws(InitializationError) -> Matrix<Float>
  {
    let (m, n) = (shape.outputs, shape.inputs)
    guard m > n else { return .identity(rows: m, columns: n) }
    let logarithm = Int.bitWidth - (m - 1).leadingZeroBitCount
    let exponent = scale == .code ? logarithm : logarithm - 1
    let factor = Float(exp2(-Double(exponent) / 2))
    return Matrix(rows: m, columns: n) { i, j in
      (i & j).nonzeroBitCount.isMultiple(of: 2) ? factor : -factor
    }
  }
}
