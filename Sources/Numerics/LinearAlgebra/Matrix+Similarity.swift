// The cosine of the angle between two matrices, read as vectors of their elements.

internal import COpenBLAS
public import ZerOParallelism
import ZerORequirements

extension Matrix {
  /// The cosine similarity to a matrix of the same shape, computed in double precision.
  ///
  /// ```
  /// ⟨A, B⟩ / (‖A‖_F·‖B‖_F),   ⟨A, B⟩ = Σ aᵢⱼ·bᵢⱼ
  /// ```
  ///
  /// It is 1 for a positive multiple of the matrix, −1 for a negative one, and 0 for orthogonal matrices. Matrices with
  /// elements that are far from 1 are scaled by a power of two first, so squares cannot overflow or underflow.
  ///
  /// - Parameters:
  ///   - other: B, with the shape of A.
  ///   - team: The threads that share the rows.
  /// - Returns: A number from −1 to 1; `nil` if a matrix is empty, consists of zeros, or contains a NaN or an infinity.
  /// - Complexity: O(m·n), and a copy of both matrices only if they are scaled.
  ///
  /// Reference: G. Salton and M. J. McGill, "Introduction to Modern Information Retrieval" (1983), the cosine measure.
  @specialized(where Scalar == Float, Other == Float)
  @specialized(where Scalar == Double, Other == Double)
  @specialized(where Scalar == Float, Other == Double)
  @specialized(where Scalar == Double, Other == Float)
  public func cosineSimilarity<Other>(to other: Matrix<Other>, team: ThreadTeam = .alone) -> Double?
  {
    require(
      rows == other.rows && columns == other.columns,
      "no similarity of \(rows) × \(columns) and \(other.rows) × \(other.columns)")
    var products = InnerProducts(self, other, team)
    if !products.areAccurate {
      guard let own = scaledToUnitMaximum(), let theirs = other.scaledToUnitMaximum() else {
        return nil
      }
      products = InnerProducts(own, theirs, team)
    }
    let cosine = products.mixed / (products.own * products.other).squareRoot()
    return Swift.min(1, Swift.max(-1, cosine))
  }
}

extension Matrix {
  /// The matrix multiplied by the power of two that brings its largest magnitude between 1 and 2.
  ///
  /// - Returns: The product; `nil` if no element is nonzero, or one is a NaN or an infinity.
  package func scaledToUnitMaximum() -> Matrix<Double>? {
    guard isFinite, let largest = elements.lazy.map(\.magnitude).max(), largest > 0 else {
      return nil
    }
    let shift = -Int(largest.exponent)
    return Matrix<Double>(
      rows: rows, columns: columns,
      elements: ContiguousArray(
        elements.map { Double(sign: .plus, exponent: shift, significand: Double($0)) }))
  }
}

/// The inner products of two matrices with themselves and with each other.
private struct InnerProducts {
  /// ⟨A, A⟩.
  var own = 0.0

  /// ⟨B, B⟩.
  var other = 0.0

  /// ⟨A, B⟩.
  var mixed = 0.0

  /// Elements per call, few enough that both pieces stay in the first cache.
  private static let pieceLength = 1024

  init<Left, Right>(_ a: Matrix<Left>, _ b: Matrix<Right>, _ team: ThreadTeam) {
    BLAS.useOneThread()
    // One row of results per block, so the order of summation does not depend on the team.
    let blocks = Matrix<Double>.blockCount(rows: Swift.max(1, a.rows))
    var parts = Matrix<Double>(repeating: 0, rows: blocks, columns: 3)
    let (rows, columns) = (a.rows, a.columns)
    unsafe parts.elements.withUnsafeMutableBufferPointer { parts in
      nonisolated(unsafe) let parts = unsafe parts
      team.share(blocks, order: .fromBothEnds) { index in
        let band = rows * index / blocks * columns..<rows * (index + 1) / blocks * columns
        let part = InnerProducts(a, b, band)
        unsafe parts[3 * index] = part.own
        unsafe parts[3 * index + 1] = part.other
        unsafe parts[3 * index + 2] = part.mixed
      }
    }
    for index in 0..<blocks {
      own += parts[index, 0]
      other += parts[index, 1]
      mixed += parts[index, 2]
    }
  }

  private init<Left, Right>(_ a: Matrix<Left>, _ b: Matrix<Right>, _ band: Range<Int>) {
    let (left, right) = (a.elements.span, b.elements.span)
    var pieces = ContiguousArray(repeating: 0.0, count: 2 * Self.pieceLength)
    unsafe pieces.withUnsafeMutableBufferPointer { pieces in
      guard let x = pieces.baseAddress else { return }
      let y = unsafe x + Self.pieceLength
      for start in stride(from: band.lowerBound, to: band.upperBound, by: Self.pieceLength) {
        let length = Swift.min(Self.pieceLength, band.upperBound - start)
        var place = 0
        while place < length {
          unsafe x[place] = Double(left[start &+ place])
          unsafe y[place] = Double(right[start &+ place])
          place &+= 1
        }
        let count = blasint(length)
        unsafe own += cblas_ddot(count, x, 1, x, 1)
        unsafe other += cblas_ddot(count, y, 1, y, 1)
        unsafe mixed += cblas_ddot(count, x, 1, y, 1)
      }
    }
  }

  /// Whether no square overflowed, and none that matters underflowed.
  var areAccurate: Bool {
    [own, other].allSatisfy((0x1p-400...0x1p400).contains)
  }
}
