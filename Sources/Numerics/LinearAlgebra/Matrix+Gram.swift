// The product of a matrix with its own transpose, of which only half needs computing.

internal import COpenBLAS
package import Parallelism

extension Matrix<Double> {
  /// The upper triangle of A·Aᵀ, or of AᵀA; below the diagonal blocks the result is zero.
  ///
  /// Cut into square tiles by the size of A alone, so that the bits don't depend on the team.
  ///
  /// - Parameters:
  ///   - team: Shares the tiles.
  ///   - ofColumns: Whether it is AᵀA.
  /// - Returns: m × m, or n × n.
  /// - Complexity: m²·n floating-point operations for m × n, or m·n².
  package func gram(_ team: ThreadTeam, ofColumns: Bool = false) -> Matrix {
    BLAS.useOneThread()
    let (size, terms) = ofColumns ? (columns, rows) : (rows, columns)
    let (length, step) = (columns, ofColumns ? 1 : columns)
    let (own, other) = ofColumns ? (CblasTrans, CblasNoTrans) : (CblasNoTrans, CblasTrans)
    var gram = Matrix(repeating: 0, rows: size, columns: size)
    let bands = (size + Self.tileExtent - 1) / Self.tileExtent
    let tiles = (0..<bands).flatMap { i in (i..<bands).map { (row: i, column: $0) } }
    @Sendable func band(_ index: Int) -> Range<Int> {
      size * index / bands..<size * (index + 1) / bands
    }
    unsafe elements.withUnsafeBufferPointer { source in
      unsafe gram.elements.withUnsafeMutableBufferPointer { target in
        // No two tiles overlap.
        guard let from = source.baseAddress, let to = target.baseAddress else { return }
        nonisolated(unsafe) let (a, g) = unsafe (from, to)
        team.share(tiles.count) { index in
          let (i, j) = (band(tiles[index].row), band(tiles[index].column))
          let (left, right) = unsafe (a + i.lowerBound * step, a + j.lowerBound * step)
          let tile = unsafe g + i.lowerBound * size + j.lowerBound
          if i == j {
            unsafe cblas_dsyrk(
              CblasRowMajor, CblasUpper, own, blasint(i.count), blasint(terms), 1, left,
              blasint(length), 0, tile, blasint(size))
          } else {
            unsafe cblas_dgemm(
              CblasRowMajor, own, other, blasint(i.count), blasint(j.count), blasint(terms), 1,
              left, blasint(length), right, blasint(length), 0, tile, blasint(size))
          }
        }
      }
    }
    return gram
  }

  /// The upper triangle of AᵀA, for a matrix of more rows than columns.
  ///
  /// Of many more the rows are cut into bands by their number alone, and the bands' parts are added up in their
  /// order; else the result is cut into tiles.
  ///
  /// - Parameter team: Shares the bands, or the tiles.
  /// - Returns: n × n.
  /// - Complexity: m·n² floating-point operations for m × n; beside the result a matrix of its size a band.
  package func columnGram(_ team: ThreadTeam) -> Matrix {
    BLAS.useOneThread()
    let (n, bandCount) = (columns, Swift.max(1, Swift.min(8, rows / (4 * Swift.max(1, columns)))))
    guard bandCount > 1 else { return gram(team, ofColumns: true) }
    var parts = Matrix(repeating: 0, rows: bandCount * n, columns: n)
    let rows = rows
    unsafe elements.withUnsafeBufferPointer { source in
      unsafe parts.elements.withUnsafeMutableBufferPointer { target in
        guard let from = source.baseAddress, let to = target.baseAddress else { return }
        nonisolated(unsafe) let (a, g) = unsafe (from, to)
        team.share(bandCount) { index in
          let band = rows * index / bandCount..<rows * (index + 1) / bandCount
          unsafe cblas_dsyrk(
            CblasRowMajor, CblasUpper, CblasTrans, blasint(n), blasint(band.count), 1,
            a + band.lowerBound * n, blasint(n), 0, g + index * n * n, blasint(n))
        }
      }
    }
    var gram = Matrix(rows: n, columns: n, elements: ContiguousArray(parts.elements[..<(n * n)]))
    for band in 1..<bandCount {
      for index in 0..<n * n { gram.elements[index] += parts.elements[band * n * n + index] }
    }
    return gram
  }

  /// Small enough that a matrix of a thousand rows gives every core some tiles.
  private static var tileExtent: Int { 512 }
}
