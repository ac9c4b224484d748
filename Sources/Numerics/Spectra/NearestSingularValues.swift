// The few singular values nearest to a number, by inverse iteration with a factorization that exists already. They decide
// what a count by inertia leaves open.

import ZerOLinearAlgebra
import ZerORequirements

extension Matrix<Double> {
  /// The k singular values nearest to a number, with a bound on their error.
  ///
  /// A block of k + 4 vectors is multiplied by (AAᵀ − s·I)⁻¹ until its singular values converge; s is near the square of the
  /// number. The singular values σ of the block UᵀA, with vectors u and v = Aᵀu/σ, are Ritz values of the symmetric
  /// matrix ((0, A), (Aᵀ, 0)), whose eigenvalues are ± the singular values of A, and zeros. Let r be the norm of the residuals
  /// A·v − σ·u of the k nearest together, plus their rounding errors. The distance of these k to k singular values of A is
  /// at most r, and at most r²/g if all other eigenvalues are further away by g.
  ///
  /// - Parameters:
  ///   - number: The number, above 0.
  ///   - count: k, from 1 to 8.
  ///   - distance: The distance of every other singular value from the number, which the caller knows; at most the number.
  ///   - factorization: The complete factorization of AAᵀ − s·I.
  /// - Returns: The k values, the nearest first, and twice the bound of their error; `nil` if the iteration doesn't converge.
  /// - Complexity: About 8·(k + 4)·m·n floating-point operations per iteration, of which there are rarely more than 5.
  ///
  /// Reference: B. N. Parlett, "The Symmetric Eigenvalue Problem" (1998), sections 11.5 and 11.7 (residual bounds by
  /// W. Kahan, T. Kato and G. Temple).
  func singularValues(
    nearest number: Double, count: Int, othersBeyond distance: Double,
    _ factorization: LDLFactorization
  ) -> (values: [Double], error: Double)? {
    require(
      1...8 ~= count && count <= rows, "\(count) nearest singular values of \(rows) rows")
    let size = Swift.min(rows, count + 4)
    // Any independent vectors will do that are not orthogonal to those in question: fractional parts of multiples of
    // irrational numbers.
    let primes = [2.0, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37]
    var vectors = Matrix(rows: size, columns: rows) { i, j in
      (primes[i].squareRoot() * Double(j + 1)).truncatingRemainder(dividingBy: 1) - 0.5
    }
    let norm = elements.reduce(0) { $0 + $1 * $1 }.squareRoot()
    let rounding =
      (roundingBound(terms: Swift.max(rows, columns)) + 4) * Double(size).squareRoot()
      * (Double.ulpOfOne / 2) * norm
    var best: (values: [Double], error: Double)?
    var failures = 0
    for _ in 0..<Self.mostIterations where failures < 2 {
      vectors = factorization.solve(vectors)
      guard vectors.isFinite else { break }
      vectors = vectors.transposed.orthonormalColumns().transposed
      var products = vectors * self
      guard products.rotateToOrthogonalRows(with: &vectors) else { break }
      let found = ritzValues(of: vectors, products, nearest: number).prefix(count)
      let residual = residual(of: found) + rounding
      let gap = distance - (found.last.map { abs($0.value - number) } ?? 0)
      let error = 2 * (gap > residual ? residual * residual / gap : residual) + rounding
      // Rounding ends the convergence; a value of 0 has no vector, and its error is not a number.
      let isBetter = error < (best?.error ?? .infinity) / 2
      failures += isBetter ? 0 : 1
      if isBetter || error < (best?.error ?? .infinity) { best = (found.map(\.value), error) }
    }
    return best
  }

  private static var mostIterations: Int { 12 }

  /// Makes the rows of a matrix orthogonal by rotations, and applies the same rotations to the rows of another one.
  ///
  /// This is the one-sided Jacobi method. The norms of the rows become singular values, small ones with the same relative
  /// accuracy as large ones, which the eigenvalues of a Gram matrix do not have.
  ///
  /// Reference: M. R. Hestenes, "Inversion of matrices by biorthogonalization and related results", Journal of the Society
  /// for Industrial and Applied Mathematics 6 (1958).
  ///
  /// - Returns: Whether the rows are orthogonal up to rounding.
  private mutating func rotateToOrthogonalRows(with other: inout Matrix) -> Bool {
    let threshold = Swift.max(4, Double(columns).squareRoot()) * Double.ulpOfOne
    for _ in 0..<Self.mostSweeps {
      var isOrthogonal = true
      for p in 0..<rows {
        for q in p + 1..<Swift.max(rows, p + 1) {
          let (pp, qq, pq) = (product(p, p), product(q, q), product(p, q))
          guard abs(pq) > threshold * pp.squareRoot() * qq.squareRoot() else { continue }
          isOrthogonal = false
          let ratio = (qq - pp) / (2 * pq)
          let tangent = (ratio < 0 ? -1 : 1) / (abs(ratio) + (1 + ratio * ratio).squareRoot())
          let cosine = 1 / (1 + tangent * tangent).squareRoot()
          rotate(p, q, cosine, cosine * tangent)
          other.rotate(p, q, cosine, cosine * tangent)
        }
      }
      if isOrthogonal { return true }
    }
    return false
  }

  private static var mostSweeps: Int { 20 }

  private func product(_ p: Int, _ q: Int) -> Double {
    (0..<columns).reduce(0) { $0 + self[p, $1] * self[q, $1] }
  }

  private mutating func rotate(_ p: Int, _ q: Int, _ cosine: Double, _ sine: Double) {
    for j in 0..<columns {
      let (x, y) = (self[p, j], self[q, j])
      self[p, j] = cosine * x - sine * y
      self[q, j] = sine * x + cosine * y
    }
  }

  /// A Ritz value σ with its vectors u and v.
  private struct RitzValue {
    let value: Double
    let left: ArraySlice<Double>
    let right: [Double]
  }

  /// The Ritz values of the rows of U, from U and UᵀA, the nearest to a number first.
  private func ritzValues(of vectors: Matrix, _ products: Matrix, nearest number: Double)
    -> [RitzValue]
  {
    let (length, width) = (vectors.columns, products.columns)
    return (0..<vectors.rows).map { row in
      let product = products.elements[row * width..<(row + 1) * width]
      let value = product.reduce(0) { $0 + $1 * $1 }.squareRoot()
      return RitzValue(
        value: value, left: ArraySlice(vectors.elements[row * length..<(row + 1) * length]),
        right: product.map { $0 / value })
    }.sorted { abs($0.value - number) < abs($1.value - number) }
  }

  /// The Frobenius norm of the residuals A·v − σ·u.
  private func residual(of found: ArraySlice<RitzValue>) -> Double {
    let right = Matrix(
      rows: found.count, columns: columns, elements: ContiguousArray(found.flatMap(\.right)))
    var residuals = Matrix(
      rows: found.count, columns: rows,
      elements: ContiguousArray(found.flatMap { pair in pair.left.map { -pair.value * $0 } }))
    residuals.multiply(right, by: self, transposingRight: true, beta: 1)
    return residuals.elements.reduce(0) { $0 + $1 * $1 }.squareRoot()
  }
}
