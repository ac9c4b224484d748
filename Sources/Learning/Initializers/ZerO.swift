// The initializer of the ZerO paper for one matrix, Algorithm 1, in closed form.

public import LinearAlgebra
public import Randomness

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// ZerO initialization: zeros and ones, up to one common factor.
///
/// Where the layer doesn't widen, m ≤ n, it is the partial identity. Where it does, with
/// k = ⌈log₂ m⌉, p = 2ᵏ and H the Sylvester–Hadamard matrix,
///
/// ```
/// W = c · I(m × p) · H(p × p) · I(p × n),   that is   W[i, j] = c · (−1)^popcount(i & j)
/// ```
///
/// with c = 2^(−k/2) in the authors' code. For m = 2ᵏ all singular values are 1; for other m the
/// rows are cut and the smallest falls (1000 × 784: 0.468). Rows repeat after 2^⌈log₂ n⌉: at n = 784
/// every row of a 2048-row weight stands twice.
///
/// Reference: J. Zhao, F. Schäfer and A. Anandkumar, "ZerO Initialization: Initializing Neural
/// Networks with only Zeros and Ones", TMLR (2022), arXiv 2110.12661, algorithm 1.
public struct ZerO: Initializer {
  /// The common factor c of the Hadamard rows.
  public enum Scale: Sendable {
    /// 2^(−k/2), as in the authors' program: an orthogonal transform.
    case code

    /// 2^(−(k−1)/2), as printed in the paper, √2 larger.
    case paper
  }

  /// Which factor is used.
  public let scale: Scale

  /// Makes the rule.
  ///
  /// - Parameter scale: The factor of the Hadamard rows; partial identities have none.
  public init(scale: Scale) { self.scale = scale }

  /// Square, there is nothing to widen.
  public func isIdentity(_ shape: WeightShape) -> Bool { shape.isSquare }

  /// The weight of Algorithm 1, in O(m·n) without building H; never throws, draws nothing.
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
