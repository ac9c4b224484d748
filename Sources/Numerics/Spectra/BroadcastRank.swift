// The notebook takes ranks of every parameter whose name contains "l3", and so of the bias vector
// too. Its difference from the identity is formed by broadcasting, which makes a square matrix with
// a spectrum that can be written down.

/// The singular values of 𝟙bᵀ − I, the vector b broadcast along the rows of a square matrix.
///
/// With n = |b|, s = Σbⱼ and q = Σbⱼ², n − 2 of them are 1, and the other two are the roots of
///
/// ```
/// σ₁² + σ₂² = n·q − 2s + 2,   σ₁·σ₂ = |1 − s|
/// ```
///
/// from the Frobenius norm and the determinant. For n = 1 the only one is |1 − b|. So the rank is n,
/// or n − 1 where the biases sum to 1, and never says anything about training.
///
/// - Parameter vector: b, n values.
/// - Returns: n singular values, largest first; none for n = 0.
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
  // (σ₁ + σ₂)² and (σ₁ − σ₂)² are both sums of squares plus or minus twice the product; the smaller
  // root comes from the product, so that it keeps its digits when it is tiny.
  let largest =
    ((squares + 2 * product).squareRoot() + max(0, squares - 2 * product).squareRoot()) / 2
  let smallest = largest > 0 ? product / largest : 0
  let ones = [Double](repeating: 1, count: vector.count - 2)
  return [largest] + ones + [smallest]
}
