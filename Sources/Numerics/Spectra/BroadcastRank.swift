// The reference notebook computes the rank of every parameter whose name contains "l3", including the bias vector.
// Broadcasting turns its difference from the identity into a square matrix, whose singular values have a closed form.

/// The singular values of 𝟙bᵀ − I, where 𝟙bᵀ is the square matrix whose rows all equal b.
///
/// Let n be the length of b, s = Σbⱼ and q = Σbⱼ². Then n − 2 singular values are 1, and the other two satisfy
///
/// ```
/// σ₁² + σ₂² = n·q − 2s + 2,   σ₁·σ₂ = |1 − s|
/// ```
///
/// which follows from the Frobenius norm and the determinant. For n = 1 the only singular value is |1 − b|. In exact
/// arithmetic the rank is n, or n − 1 if the biases sum to 1, so it contains no information about training.
///
/// - Parameter vector: b, n values.
/// - Returns: n singular values, largest first.
/// - Complexity: O(n).
///
/// Reference: the matrix determinant lemma, D. A. Harville, "Matrix Algebra From a Statistician's
/// Perspective" (1997), theorem 18.1.1.
public func singularValuesOfBroadcastMinusIdentity(_ vector: [Double]) -> [Double] {
  let sum = vector.reduce(0, +)
  let count = Double(vector.count)
  guard vector.count > 1 else { return vector.map { abs(1 - $0) } }
  let squares = count * vector.reduce(0) { $0 + $1 * $1 } - 2 * sum + 2
  let product = abs(1 - sum)
  // (σ₁ ± σ₂)² = σ₁² + σ₂² ± 2·σ₁·σ₂. The smaller value is computed from the product, which avoids cancellation.
  let largest =
    ((squares + 2 * product).squareRoot() + max(0, squares - 2 * product).squareRoot()) / 2
  let smallest = largest > 0 ? product / largest : 0
  let ones = [Double](repeating: 1, count: vector.count - 2)
  return [largest] + ones + [smallest]
}
