// Gram matrices: the product of a matrix and its transpose is symmetric, so only the upper triangle is computed.

internal import COpenBLAS
package import ZerOParallelism

extension Matrix<Double> {
  /// The upper triangle of A·Aᵀ or AᵀA; the result is zero below the diagonal blocks.
  ///
  /// The result is divided into square tiles by its size only, so its bits do not depend on the team.
  ///
  /// - Parameters:
  ///   - team: The threads that share the tiles.
  ///   - ofColumns: Whether to compute AᵀA.
  /// - Returns: A matrix of m × m or n × n.
  /// - Complexity: m²·n floating-point operations for m × n, or m·n².
  package func gram(_ team: ThreadTeam, ofColumns: Bool = false) -> Matrix {
    BLAS.useOneThread()
    let (size, terms) = ofColumns ? (columns, rows) : (rows, columns)
    let (length, step) = (columns, ofColumns ? 1 : columns)
    let (own, other) = ofColumns ? (CblasTrans, CblasNoTrans) : (CblasNoTrans, CblasTrans)
    var gram = Matrix(repeating: 0, rows: size, columns: size)
    let bands = (size + Self.tileSize - 1) / Self.tileSize
    let tiles = (0..<bands).flatMap { i in (i..<bands).map { (row: i, column: $0) } }
    @Sendable func band(_ index: Int) -> Range<Int> {
      size * index / bands..<size * (index + 1) / bands
    }
    unsafe elements.withUnsafeBufferPointer { source in
      unsafe gram.elements.withUnsafeMutableBufferPointer { target in
        // The tiles are disjoint.
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

  /// The upper triangle of AᵀA, for a matrix with more rows than columns.
  ///
  /// If there are at least 8 times as many rows, the rows are divided into bands by their number only, and the Gram
  /// matrices of the bands are added in order. Otherwise the result is divided into tiles.
  ///
  /// - Parameter team: The threads that share the bands or tiles.
  /// - Returns: A matrix of n × n.
  /// - Complexity: m·n² floating-point operations for m × n, and temporary memory of n² elements per band.
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

  /// The size of a tile, small enough that a matrix of a thousand rows has several tiles per core.
  private static var tileSize: Int { 512 }
}
