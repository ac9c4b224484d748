// A blocked L·D·Lᵀ factorization, which does nearly all of its work in matrix products. It counts the positive
// eigenvalues of AᵀA − τ²·I, and thus the singular values of A above τ (`countOfSingularValues` in Spectra).
// LAPACK's own factorization pivots over the whole matrix and spends half of its time moving rows and columns.
//
// Pivoting is limited to the diagonal blocks. In general that is unstable. For G = AᵀA, let G₁₁ be a diagonal block
// and b a column beside it. Then |vᵀb|² ≤ (vᵀG₁₁v)·‖G‖, so an eigenvalue λ of the shifted block adds at most
// (1 + τ²/|λ|)·‖G‖ to the remaining matrix. Elements therefore grow only if |λ| ≪ τ². The growth is measured, and
// the factorization stops if it is too large.

internal import COpenBLAS
import ZerORequirements

/// The L·D·Lᵀ factorization of a shifted Gram matrix, which counts its positive eigenvalues and solves equations.
package struct LDLFactorization {
  /// The number of positive eigenvalues in the factorized blocks.
  package private(set) var positiveCount = 0

  /// trace(L·M·Lᵀ) of the factorized blocks, an upper bound on the norm of |L|·|D|·|L|ᵀ.
  ///
  /// M is a diagonal matrix that dominates |D|: |d| for a 1 × 1 pivot, and |a| + |b| and |c| + |b| for a 2 × 2
  /// pivot ((a, b), (b, c)). The rounding error of the factorization is proportional to the growth. Without a shift
  /// and 2 × 2 pivots, the growth is the trace of G.
  package private(set) var growth = 0.0

  /// Whether the factorization finished with the growth within its limit, so the count is valid.
  package private(set) var isComplete = false

  private static var blockSize: Int { 128 }

  private let size: Int
  private var elements: ContiguousArray<Double>
  private var quotients: ContiguousArray<Double>
  private var subdiagonal: [Double]
  private var pivots: [Int32]
  private var workspace = [Double](repeating: 0, count: blockSize * 64)  // LAPACK's panels

  /// Factorizes G − shift·I.
  ///
  /// - Parameters:
  ///   - gram: G, n × n, positive semidefinite; only its upper triangle is read.
  ///   - shift: The number to subtract from the diagonal.
  ///   - limit: The maximum growth; the factorization stops when it is exceeded.
  /// - Complexity: Slightly more than n³/3 floating-point operations, and one copy of G.
  package init(_ gram: Matrix<Double>, minus shift: Double, growthLimit limit: Double) {
    require(
      gram.rows == gram.columns, "a Gram matrix is square, not \(gram.rows) × \(gram.columns)")
    size = gram.rows
    elements = gram.elements
    quotients = ContiguousArray(repeating: 0, count: Self.blockSize * size)
    subdiagonal = [Double](repeating: 0, count: size)
    pivots = [Int32](repeating: 0, count: size)
    for i in 0..<size { elements[i * size + i] -= shift }
    for block in blocks where growth <= limit {
      factorizeDiagonal(block)
      eliminate(block)
    }
    isComplete = growth <= limit
    (quotients, workspace) = ([], [])
  }

  /// The blocks of rows, in the order of their elimination.
  private var blocks: [Range<Int>] {
    stride(from: 0, to: size, by: Self.blockSize).map { $0..<min($0 + Self.blockSize, size) }
  }

  /// Solves (G − shift·I)·x = b for several right sides.
  ///
  /// - Parameter sides: k × n, one right side b per row.
  /// - Returns: k × n, one solution x per row; its elements are not finite if a pivot is 0.
  /// - Complexity: 2·k·n² floating-point operations.
  package func solve(_ sides: Matrix<Double>) -> Matrix<Double> {
    require(isComplete, "equations without a complete factorization")
    BLAS.useOneThread()
    require(sides.columns == size, "\(sides.columns) numbers for \(size) equations")
    var solution = sides
    let (count, n) = (blasint(sides.rows), blasint(size))
    unsafe elements.withUnsafeBufferPointer { all in
      unsafe solution.elements.withUnsafeMutableBufferPointer { sides in
        // In column-major order, a row of right sides is a column, and the factor is the lower triangle.
        guard let base = all.baseAddress, let x = sides.baseAddress else { return }
        func apply(_ block: Range<Int>, _ transposed: CBLAS_TRANSPOSE) {
          unsafe cblas_dtrsm(
            CblasColMajor, CblasLeft, CblasLower, transposed, CblasUnit, blasint(block.count),
            count, 1, base + block.lowerBound * (size + 1), n, x + block.lowerBound, n)
        }
        func swap(_ block: Range<Int>, _ index: Int) {
          let other = Int(abs(pivots[block.lowerBound + index])) - 1
          unsafe cblas_dswap(
            count, x + block.lowerBound + index, n, x + block.lowerBound + other, n)
        }
        for block in blocks {
          for index in 0..<block.count { swap(block, index) }
          apply(block, CblasNoTrans)
          let quotient = unsafe divided(x, block, sides: Int(count))
          let rest = size - block.upperBound
          guard rest > 0 else { continue }
          unsafe cblas_dgemm(
            CblasColMajor, CblasNoTrans, CblasNoTrans, blasint(rest), count,
            blasint(block.count), -1, base + block.lowerBound * size + block.upperBound, n,
            quotient, blasint(block.count), 1, x + block.upperBound, n)
        }
        for block in blocks.reversed() {
          let rest = size - block.upperBound
          if rest > 0 {
            unsafe cblas_dgemm(
              CblasColMajor, CblasTrans, CblasNoTrans, blasint(block.count), count,
              blasint(rest), -1, base + block.lowerBound * size + block.upperBound, n,
              x + block.upperBound, n, 1, x + block.lowerBound, n)
          }
          let quotient = unsafe divided(x, block, sides: Int(count))
          for side in 0..<Int(count) {
            for index in 0..<block.count {
              unsafe x[side * size + block.lowerBound + index] =
                quotient[side * block.count + index]
            }
          }
          apply(block, CblasTrans)
          for index in (0..<block.count).reversed() { swap(block, index) }
        }
      }
    }
    return solution
  }

  /// D⁻¹·x for the rows of a block, one right side after the other.
  private func divided(_ x: UnsafePointer<Double>, _ block: Range<Int>, sides: Int) -> [Double] {
    var quotient = [Double](repeating: 0, count: sides * block.count)
    let pivots = diagonal(block)
    for side in 0..<sides {
      for pivot in pivots {
        let place = side * size + block.lowerBound + pivot.index
        let target = side * block.count + pivot.index
        if pivot.pair == nil {
          unsafe quotient[target] = x[place] / pivot.first
        } else {
          let (upper, lower) = unsafe pivot.quotient(x[place], x[place + 1])
          (quotient[target], quotient[target + 1]) = (upper, lower)
        }
      }
    }
    return quotient
  }

  /// Factorizes a diagonal block as P·L·D·Lᵀ·Pᵀ and counts the positive eigenvalues of D.
  private mutating func factorizeDiagonal(_ block: Range<Int>) {
    var (n, stride, info) = (Int32(block.count), Int32(size), Int32(0))
    var length = Int32(workspace.count)
    // The row-major upper triangle is the column-major lower triangle.
    var triangle = CChar(UInt8(ascii: "L"))
    let first = block.lowerBound
    unsafe elements.withUnsafeMutableBufferPointer { all in
      unsafe subdiagonal.withUnsafeMutableBufferPointer { subdiagonal in
        unsafe pivots.withUnsafeMutableBufferPointer { pivots in
          unsafe dsytrf_rk_(
            &triangle, &n, all.baseAddress.map { unsafe $0 + first * (size + 1) }, &stride,
            subdiagonal.baseAddress.map { unsafe $0 + first },
            pivots.baseAddress.map { unsafe $0 + first }, &workspace, &length, &info, 1)
        }
      }
    }
    require(info >= 0, "dsytrf_rk rejected argument \(-info)")
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

  /// Eliminates the block from the rows below it: C ← C − Zᵀ·D⁻¹·Z with Z = L⁻¹·Pᵀ·B.
  private mutating func eliminate(_ block: Range<Int>) {
    let (start, rest, stride) = (block.upperBound, size - block.upperBound, blasint(size))
    guard rest > 0 else { return }
    let (size, pivots) = (size, pivots)
    unsafe elements.withUnsafeMutableBufferPointer { all in
      guard let base = all.baseAddress else { return }
      let beside = unsafe base + block.lowerBound * size + start
      for i in 0..<block.count {
        let other = Int(abs(pivots[block.lowerBound + i])) - 1
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
          // Full tiles: computing some elements below the diagonal costs less than narrower products.
          let count = min(2 * Self.blockSize, size - row)
          unsafe cblas_dgemm(
            CblasRowMajor, CblasTrans, CblasNoTrans, blasint(count), blasint(size - row),
            blasint(block.count), -1, z + row, stride, y + row, stride, 1, base + row * size + row,
            stride)
          row += count
        }
      }
    }
  }

  /// Computes Y ← D⁻¹·Z and adds the block's contribution to the growth.
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

  /// The pivots D of a factorized diagonal block.
  private func diagonal(_ block: Range<Int>) -> [Pivot] {
    var diagonal: [Pivot] = []
    var i = 0
    while i < block.count {
      let place = (block.lowerBound + i) * (size + 1)
      let isPair = pivots[block.lowerBound + i] < 0
      diagonal.append(
        Pivot(
          index: i, first: elements[place],
          pair: isPair ? (subdiagonal[block.lowerBound + i], elements[place + size + 1]) : nil))
      i += diagonal[diagonal.count - 1].rowCount
    }
    return diagonal
  }
}

/// A pivot, a diagonal block of D: a number or a symmetric 2 × 2 matrix.
private struct Pivot {
  /// The index of its first row within the diagonal block.
  let index: Int

  /// The element at (0, 0).
  let first: Double

  /// The elements at (1, 0) and (1, 1) of a 2 × 2 pivot.
  let pair: (coupling: Double, second: Double)?

  /// The number of positive eigenvalues.
  ///
  /// LAPACK chooses a 2 × 2 pivot only if the off-diagonal element exceeds the diagonal ones (by a factor of
  /// 1/0.64). Its determinant is then negative, so exactly one of its two eigenvalues is positive.
  var positiveCount: Int { pair != nil || first > 0 ? 1 : 0 }

  /// The number of rows, 1 or 2.
  var rowCount: Int { pair == nil ? 1 : 2 }

  /// l·M·lᵀ for a row l = (upper, lower) of L; the second element is 0 for a 1 × 1 pivot.
  func magnitude(_ upper: Double, _ lower: Double) -> Double {
    guard let pair else { return abs(first) * upper * upper }
    let coupling = abs(pair.coupling)
    return (abs(first) + coupling) * upper * upper + (abs(pair.second) + coupling) * lower * lower
  }

  /// The inverse of a 2 × 2 pivot: scale·((q, −1), (−1, p)).
  ///
  /// It divides by the off-diagonal element, the largest one, so the determinant cannot overflow.
  private static func inverse(_ first: Double, _ pair: (coupling: Double, second: Double)) -> (
    p: Double, q: Double, scale: Double
  ) {
    let (p, q) = (first / pair.coupling, pair.second / pair.coupling)
    return (p, q, 1 / ((p * q - 1) * pair.coupling))
  }

  /// D⁻¹·(upper, lower); the lower number is meaningful for a 2 × 2 pivot only.
  func quotient(_ upper: Double, _ lower: Double) -> (upper: Double, lower: Double) {
    guard let pair else { return (upper / first, 0) }
    let inverse = Self.inverse(first, pair)
    let (upper, lower) = (upper * inverse.scale, lower * inverse.scale)
    return (inverse.q * upper - lower, inverse.p * lower - upper)
  }

  /// Computes y ← D⁻¹·z for one row, or for two rows at a distance of `stride` elements.
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
    let inverse = Self.inverse(first, pair)
    var (sum, j) = (0.0, 0)
    while j < count {
      let (upper, lower) = unsafe (z[j] * inverse.scale, z[j &+ stride] * inverse.scale)
      let (above, below) = (inverse.q * upper - lower, inverse.p * lower - upper)
      unsafe y[j] = above
      unsafe y[j &+ stride] = below
      sum += magnitude(above, below)
      j &+= 1
    }
    return sum
  }
}
