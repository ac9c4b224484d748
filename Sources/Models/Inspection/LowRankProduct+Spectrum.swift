// Singular values of an adapter's weight change, from its factors.

import ZerOCheckpoints
import ZerOLinearAlgebra

extension LowRankProduct {
  /// The singular values of s·L·R, through a matrix of the inner dimension r.
  ///
  /// With the QR factorizations L = Q₁·T₁ and Rᵀ = Q₂·T₂, the product is Q₁·(s·T₁·T₂ᵀ)·Q₂ᵀ. The
  /// columns of Q₁ and Q₂ are orthonormal, so the matrix in the middle, r × r, has the same singular
  /// values other than zeros. The absolute error is a small multiple of ε·s·|L|·|R|.
  ///
  /// - Returns: σ₁ ≥ σ₂ ≥ … ≥ 0, min(m, n) of them; `nil` if r exceeds m or n.
  /// - Throws: `FactorizationError`, and `TensorFileError`.
  /// - Complexity: 2·(m + n)·r² floating-point operations.
  ///
  /// Reference: G. H. Golub and C. F. Van Loan, "Matrix Computations", 4th edition (2013), section
  /// 5.4.2 (R-bidiagonalization).
  func singularValues() throws -> [Double]? {
    let (left, right) = try factors()
    guard left.columns > 0, left.columns <= min(left.rows, right.columns) else { return nil }
    guard left.isFinite, right.isFinite else { throw FactorizationError.notFinite }
    let (first, second) = (left.triangularFactor(), right.transposed.triangularFactor())
    var core = Matrix<Double>(repeating: 0, rows: left.columns, columns: left.columns)
    core.multiply(first, by: second, transposingRight: true, alpha: scale)
    let values = try core.singularValues()
    return values
      + [Double](repeating: 0, count: min(left.rows, right.columns) - values.count)
  }
}
