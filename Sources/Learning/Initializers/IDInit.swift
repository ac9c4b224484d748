public import ZerOLinearAlgebra
public import ZerORandomness

/// Fully identical initialization: an identity that repeats after n rows.
///
/// ```
/// identity:   W[i, j] = τ · [j = i mod n],   τ = 1
/// branch end: the same with ε = 1e-6 instead of τ, and one −ε per row:
///             in column (i + 1) mod n      if m ≥ n
///             in column m + i mod (n − m)  if m < n
/// ```
///
/// The singular values of the identity are τ·√⌈m/n⌉ (m mod n of them) and τ·√⌊m/n⌋; if m < n, all
/// are τ. It is the deterministic counterpart of ``OnE``. The branch end is for the last layer of a
/// residual branch. It is nearly 0, as in Fixup, but passes gradients from the start, and maps
/// equal inputs to 0. It is undefined for n = 1, where ε and −ε would be the same element.
///
/// Known weakness: W has only n distinct rows, so an expanding layer has the rank of its input. If
/// m ≤ n, W is the partial identity, with its bound on the rank. The branch end has rank 0 at the
/// usual tolerance of 1e-4, and at most n − 1 if m ≥ n. Without residual connections it passes
/// hardly any signal.
///
/// The authors spread the identity of a convolution kernel over its taps ("patch-maintain"). Here
/// ``Initializer/kernel(_:using:)`` puts all of it in the center tap.
///
/// Reference: Y. Pan, C. Wang, Z. Wu, Q. Wang, M. Zhang and Z. Xu, "IDInit: A Universal and Stable
/// Initialization Method for Neural Network Training", ICLR (2025), arXiv 2503.04626, figure 3
/// (IDI_τ and IDIZ_ε).
public struct IDInit: Initializer {
  /// The pattern, which depends on the position of the layer.
  public enum Form: Sendable {
    /// For any layer except the last of a residual branch: IDI_τ with τ = 1.
    case identity

    /// For the last layer of a residual branch: IDIZ_ε with ε = 1e-6.
    case branchEnd
  }

  /// The pattern of the weight.
  public let form: Form

  /// Makes the initializer.
  public init(_ form: Form) { self.form = form }

  /// Rejects a branch end with one input.
  ///
  /// - Throws: `InitializationError.branchEndOfOneInput`.
  public func check(_ shape: WeightShape) throws(InitializationError) {
    if form == .branchEnd, shape.inputs == 1 { throw .branchEndOfOneInput(shape) }
  }

  /// A square identity pattern does not repeat.
  public func isIdentity(_ shape: WeightShape) -> Bool { form == .identity && shape.isSquare }

  /// Computes the weight in O(m·n); draws no random numbers.
  ///
  /// - Throws: `InitializationError.branchEndOfOneInput` for a branch end with n = 1.
  public func weight(_ shape: WeightShape, using streams: inout RandomStreams)
    throws(InitializationError) -> Matrix<Float>
  {
    try check(shape)
    let (m, n) = (shape.outputs, shape.inputs)
    var weight = Matrix<Float>(repeating: 0, rows: m, columns: n)
    for i in 0..<m {
      switch form {
      case .identity:
        weight[i, i % n] = 1
      case .branchEnd:
        weight[i, i % n] = 1e-6
        weight[i, m < n ? m + i % (n - m) : (i + 1) % n] = -1e-6
      }
    }
    return weight
  }
}
