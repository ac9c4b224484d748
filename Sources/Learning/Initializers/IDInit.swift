// The identity, repeated until the layer is full.

public import LinearAlgebra
public import Randomness

/// Fully identical initialization: a partial identity that starts anew where its columns end.
///
/// ```
/// identity:   W[i, j] = τ · [j = i mod n],   τ = 1
/// branch end: the same with ε = 1e-6 for τ, and in each row one −ε:
///             at column (i + 1) mod n      where m ≥ n
///             at column m + i mod (n − m)  where m < n
/// ```
///
/// The singular values of the identity are τ·√⌈m/n⌉, m mod n times, and τ·√⌊m/n⌋ (m < n: all τ). It is
/// the deterministic sibling of ``OnE``. The branch end is for the last layer of a residual branch: nearly
/// 0, as Fixup has it, but gradients pass it from the start, and equal inputs give 0. It has no value for
/// n = 1, where ε and −ε would stand in one place.
///
/// Known weakness: only n distinct rows, so that a widening layer has the rank of its input; where m ≤ n
/// it is the partial identity with its bound on the rank. The branch end has a rank of 0 at the usual
/// tolerance of 1e-4, n − 1 at most where m ≥ n, and in a network without residual connections hardly
/// any signal passes it.
///
/// For kernels the authors spread the identity over the taps ("patch-maintain"); here
/// ``Initializer/kernel(_:using:)`` has all of it in the center tap.
///
/// Reference: Y. Pan, C. Wang, Z. Wu, Q. Wang, M. Zhang and Z. Xu, "IDInit: A Universal and Stable
/// Initialization Method for Neural Network Training", ICLR (2025), arXiv 2503.04626, figure 3 (IDI_τ and
/// IDIZ_ε).
public struct IDInit: Initializer {
  /// Where in a network the layer is.
  public enum Form: Sendable {
    /// Any layer but the last of a residual branch: IDI_τ with τ = 1.
    case identity

    /// The last layer of a residual branch: IDIZ_ε with ε = 1e-6.
    case branchEnd
  }

  /// Which of the two patterns is made.
  public let form: Form

  /// Makes the rule.
  public init(_ form: Form) { self.form = form }

  /// Refuses the end of a branch with one input.
  ///
  /// - Throws: `InitializationError.branchEndOfOneInput`.
  public func check(_ shape: WeightShape) throws(InitializationError) {
    if form == .branchEnd, shape.inputs == 1 { throw .branchEndOfOneInput(shape) }
  }

  /// Square, no row comes twice.
  public func isIdentity(_ shape: WeightShape) -> Bool { form == .identity && shape.isSquare }

  /// The weight, in O(m·n); draws nothing.
  ///
  /// - Throws: `InitializationError.branchEndOfOneInput` for the end of a branch with n = 1.
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
