// The few singular values nearest to a number, by inverse iteration with a factorization that exists already. They decide
// what a count by inertia leaves open.

import ZerOLinearAlgebra
import ZerOParallelism
import ZerORequirements

extension Matrix<Double> {
  /// The singular values nearest to a number, with a bound on the error of the nearest ones.
  ///
  /// A block of k + 4 vectors is multiplied by (AAᵀ − s·I)⁻¹ until its singular values converge; s is near the square of the
  /// number. The singular values σ of the block UᵀA, with vectors u and v = Aᵀu/σ, are Ritz values of the symmetric
  /// matrix ((0, A), (Aᵀ, 0)), whose eigenvalues are ± the singular values of A. Let r be the norm of the residuals A·v − σ·u of
  /// the k nearest together. Their distance to k singular values of A is at most r, and at most r²/g if all others are
  /// further away by g, for which the other values of the block are taken.
  ///
  /// - Parameters:
  ///   - number: The number, above 0.
  ///   - count: k ≥ 1.
  ///   - factorization: The complete factorization of AAᵀ − s·I.
  ///   - team: The threads that share the products.
  /// - Returns: Up to k + 4 values, the nearest first, and the error of the first k, twice the bound and the rounding
  ///   errors of a product with A; `nil` if a pivot of the factorization is 0.
  /// - Complexity: About 8·(k + 4)·m·n floating-point operations per iteration, of which there are rarely more than 5.
  ///
  /// Reference: B. N. Parlett, "The Symmetric Eigenvalue Problem" (1998), sections 11.5 and 11.7 (residual bounds by
  /// W. Kahan, T. Kato and G. Temple).
  func singularValues(
    nearest number: Double, count: Int, _ factorization: LDLFactorization, _ team: ThreadTeam
  ) -> (values: [Double], error: Double)? {
    let size = Swift.min(rows, count + 4)
    require(count <= rows, "\(count) singular values of \(rows) rows")
    // Any start will do that is not orthogonal to the vectors in question: fractional parts of multiples of √2, √3, …
    var vectors = Matrix(rows: size, columns: rows) { i, j in
      (Double(i + 2).squareRoot() * Double(j + 1)).truncatingRemainder(dividingBy: 1) - 0.5
    }
    let norm = elements.reduce(0) { $0 + $1 * $1 }.squareRoot()
    let rounding = roundingBound(terms: Swift.max(rows, columns)) * Double.ulpOfOne / 2 * norm
    var best: (values: [Double], error: Double)?
    for _ in 0..<Self.mostIterations {
      vectors = factorization.solve(vectors)
      guard vectors.isFinite else { break }
      vectors = vectors.transposed(team).orthonormalColumns().transposed(team)
      var products = vectors * self
      products.rotateToOrthogonalRows(with: &vectors)
      let found = ritzValues(of: vectors, products, nearest: number)
      let error = rounding + error(of: found, count: count, nearest: number)
      // Rounding ends the convergence.
      if let best, !(error < best.error / 2) { break }
      best = (found.map(\.value), error)
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
  private mutating func rotateToOrthogonalRows(with other: inout Matrix) {
    for _ in 0..<Self.mostSweeps {
      var isOrthogonal = true
      for p in 0..<rows {
        for q in p + 1..<Swift.max(rows, p + 1) {
          let (pp, qq, pq) = (product(p, p), product(q, q), product(p, q))
          guard abs(pq) > 4 * Double.ulpOfOne * (pp * qq).squareRoot() else { continue }
          isOrthogonal = false
          let ratio = (qq - pp) / (2 * pq)
          let tangent = (ratio < 0 ? -1 : 1) / (abs(ratio) + (1 + ratio * ratio).squareRoot())
          let cosine = 1 / (1 + tangent * tangent).squareRoot()
          rotate(p, q, cosine, cosine * tangent)
          other.rotate(p, q, cosine, cosine * tangent)
        }
      }
      if isOrthogonal { return }
    }
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

  /// A bound on the errors of the first Ritz values.
  private func error(of found: [RitzValue], count: Int, nearest number: Double) -> Double {
    let nearest = found.prefix(count)
    let right = Matrix(
      rows: count, columns: columns, elements: ContiguousArray(nearest.flatMap(\.right)))
    var residuals = Matrix(
      rows: count, columns: rows,
      elements: ContiguousArray(nearest.flatMap { pair in pair.left.map { -pair.value * $0 } }))
    residuals.multiply(right, by: self, transposingRight: true, beta: 1)
    let norm = residuals.elements.reduce(0) { $0 + $1 * $1 }.squareRoot()
    let radius = nearest.last.map { abs($0.value - number) } ?? 0
    // The negative singular values are at a distance of the number itself.
    let gap =
      Swift.min(found.dropFirst(count).first.map { abs($0.value - number) } ?? .infinity, number)
      - radius - norm
    return 2 * (gap > norm ? norm * norm / gap : norm)
  }
}
