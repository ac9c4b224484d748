// The L·D·Lᵀ factorization behind `Inertia.swift`, block by block, so that nearly all of its work is in
// matrix products. LAPACK's own pivots over the whole matrix and spends half of its time moving it.
//
// Pivoting stays inside the diagonal blocks. In general that is unstable; here the matrix is
// AᵀA − τ²·I. With G₁₁ a diagonal block of the semidefinite part and b a column beside it,
// |vᵀb|² ≤ (vᵀG₁₁v)·‖G‖, so an eigenvalue λ of the shifted block adds at most (1 + τ²/|λ|)·‖G‖ to what
// follows: entries grow only where |λ| ≪ τ². That growth is measured, and if it is too large there is
// no answer.

internal import COpenBLAS

/// A symmetric matrix on its way to L·D·Lᵀ.
package struct LDLFactorization {
  /// How many eigenvalues were positive, so far.
  package private(set) var positiveCount = 0

  /// trace(L·M·Lᵀ) so far, which bounds the norm of |L|·|D|·|L|ᵀ.
  ///
  /// M is diagonal and above |D|: |d| for a number, |a| + |b| and |c| + |b| for ((a, b), (b, c)). The
  /// rounding of the factorization is in proportion to it; without shift and pairs it is the trace of G.
  package private(set) var growth = 0.0

  /// Whether the growth stayed within its limit, so that the counts mean something.
  package private(set) var isComplete = false

  private static var blockExtent: Int { 128 }

  private let size: Int
  private var elements: ContiguousArray<Double>
  private var quotients: ContiguousArray<Double>
  private var subdiagonal = [Double](repeating: 0, count: blockExtent)
  private var pivots = [Int32](repeating: 0, count: blockExtent)
  private var workspace = [Double](repeating: 0, count: blockExtent * 64)  // LAPACK's panels

  /// Factorizes G − shift·I.
  ///
  /// - Parameters:
  ///   - gram: G, n × n, positive semidefinite; only its upper triangle is read.
  ///   - shift: What is taken off the diagonal.
  ///   - limit: Where the factorization is given up: the largest growth that is of use.
  /// - Complexity: n³/3 floating-point operations and a little, one copy of G.
  package init(_ gram: Matrix<Double>, minus shift: Double, growthLimit limit: Double) {
    precondition(gram.rows == gram.columns, "a Gram matrix of \(gram.rows) × \(gram.columns)")
    size = gram.rows
    elements = gram.elements
    quotients = ContiguousArray(repeating: 0, count: Self.blockExtent * size)
    for i in 0..<size { elements[i * size + i] -= shift }
    var first = 0
    while first < size, growth <= limit {
      let block = first..<min(first + Self.blockExtent, size)
      factorizeDiagonal(block)
      eliminate(block)
      first = block.upperBound
    }
    isComplete = growth <= limit
  }

  /// Factorizes a diagonal block, P·L·D·Lᵀ·Pᵀ, and counts the signs of D.
  private mutating func factorizeDiagonal(_ block: Range<Int>) {
    var (n, stride, info) = (Int32(block.count), Int32(size), Int32(0))
    var length = Int32(workspace.count)
    // The upper triangle by rows is the lower triangle by columns.
    var triangle = CChar(UInt8(ascii: "L"))
    unsafe elements.withUnsafeMutableBufferPointer { all in
      unsafe dsytrf_rk_(
        &triangle, &n, all.baseAddress.map { unsafe $0 + block.lowerBound * (size + 1) }, &stride,
        &subdiagonal, &pivots, &workspace, &length, &info, 1)
    }
    precondition(info >= 0, "dsytrf_rk refused its argument \(-info)")
    for pivot in diagonal(block) {
      positiveCount += pivot.positiveCount
      growth += pivot.magnitude(1, 0) + (pivot.pair == nil ? 0 : pivot.magnitude(0, 1))
      let row = (block.lowerBound + pivot.index) * size + block.lowerBound
      for j in pivot.index + pivot.rowCount..<block.count {
        growth += pivot.magnitude(
          elements[row + j], pivot.pair == nil ? 0 : elements[row + size + j])
      }
    }
  }

  /// Takes the block's part off the rows below it: C ← C − Zᵀ·D⁻¹·Z with Z = L⁻¹·Pᵀ·B.
  private mutating func eliminate(_ block: Range<Int>) {
    let (start, rest, stride) = (block.upperBound, size - block.upperBound, blasint(size))
    guard rest > 0 else { return }
    let (size, pivots) = (size, pivots)
    unsafe elements.withUnsafeMutableBufferPointer { all in
      guard let base = all.baseAddress else { return }
      let beside = unsafe base + block.lowerBound * size + start
      for i in 0..<block.count {
        let other = Int(abs(pivots[i])) - 1
        guard other != i else { continue }
        unsafe cblas_dswap(blasint(rest), beside + i * size, 1, beside + other * size, 1)
      }
      unsafe cblas_dtrsm(
        CblasRowMajor, CblasLeft, CblasUpper, CblasTrans, CblasUnit, blasint(block.count),
        blasint(rest), 1, base + block.lowerBound * (size + 1), stride, beside, stride)
    }
    divide(block)
    let quotients = quotients
    unsafe elements.withUnsafeMutableBufferPointer { all in
      unsafe quotients.withUnsafeBufferPointer { quotients in
        guard let base = all.baseAddress, let y = quotients.baseAddress else { return }
        let z = unsafe base + block.lowerBound * size
        var row = start
        while row < size {
          // Whole tiles: the little that is below the diagonal costs less than a narrower product.
          let count = min(2 * Self.blockExtent, size - row)
          unsafe cblas_dgemm(
            CblasRowMajor, CblasTrans, CblasNoTrans, blasint(count), blasint(size - row),
            blasint(block.count), -1, z + row, stride, y + row, stride, 1, base + row * size + row,
            stride)
          row += count
        }
      }
    }
  }

  /// Y ← D⁻¹·Z, and what the block adds to the growth.
  private mutating func divide(_ block: Range<Int>) {
    let (start, rest, size) = (block.upperBound, size - block.upperBound, size)
    let pivots = diagonal(block)
    var sum = 0.0
    unsafe elements.withUnsafeBufferPointer { all in
      unsafe quotients.withUnsafeMutableBufferPointer { quotients in
        guard let z = all.baseAddress, let y = quotients.baseAddress else { return }
        for pivot in pivots {
          unsafe sum += pivot.divide(
            z + (block.lowerBound + pivot.index) * size + start, y + pivot.index * size + start,
            count: rest, stride: size)
        }
      }
    }
    growth += sum
  }

  /// D of a diagonal block that is factorized.
  private func diagonal(_ block: Range<Int>) -> [Pivot] {
    var diagonal: [Pivot] = []
    var i = 0
    while i < block.count {
      let place = (block.lowerBound + i) * (size + 1)
      let isPair = pivots[i] < 0
      diagonal.append(
        Pivot(
          index: i, first: elements[place],
          pair: isPair ? (subdiagonal[i], elements[place + size + 1]) : nil))
      i += diagonal[diagonal.count - 1].rowCount
    }
    return diagonal
  }
}

/// One of the blocks that D consists of: a number, or a symmetric 2 × 2 matrix.
private struct Pivot {
  /// Its first row within the diagonal block.
  let index: Int

  /// The element at (0, 0).
  let first: Double

  /// The elements at (1, 0) and (1, 1), if it has a second row.
  let pair: (coupling: Double, second: Double)?

  /// The number of positive eigenvalues.
  ///
  /// Two rows are taken together only where the coupling outweighs the diagonal (by 1/0.64), so their
  /// determinant is negative and one of two eigenvalues is positive.
  var positiveCount: Int { pair != nil || first > 0 ? 1 : 0 }

  /// The number of its rows.
  var rowCount: Int { pair == nil ? 1 : 2 }

  /// l·M·lᵀ for a row l of L, its second element 0 for a number.
  func magnitude(_ upper: Double, _ lower: Double) -> Double {
    guard let pair else { return abs(first) * upper * upper }
    let coupling = abs(pair.coupling)
    return (abs(first) + coupling) * upper * upper + (abs(pair.second) + coupling) * lower * lower
  }

  /// y ← D⁻¹·z for one row, or two that follow each other at a distance of `stride`.
  ///
  /// - Returns: Σ y·M·yᵀ.
  func divide(
    _ z: UnsafePointer<Double>, _ y: UnsafeMutablePointer<Double>, count: Int, stride: Int
  ) -> Double {
    guard let pair else {
      let reciprocal = 1 / first
      var j = 0
      while j < count {
        unsafe y[j] = z[j] * reciprocal
        j &+= 1
      }
      return unsafe abs(reciprocal) * cblas_ddot(blasint(count), z, 1, z, 1)
    }
    // In units of the coupling, the largest element, so that no determinant overflows.
    let (p, q) = (first / pair.coupling, pair.second / pair.coupling)
    let scale = 1 / ((p * q - 1) * pair.coupling)
    var (sum, j) = (0.0, 0)
    while j < count {
      let (upper, lower) = unsafe (z[j] * scale, z[j &+ stride] * scale)
      let (above, below) = (q * upper - lower, p * lower - upper)
      unsafe y[j] = above
      unsafe y[j &+ stride] = below
      sum += magnitude(above, below)
      j &+= 1
    }
    return sum
  }
}
