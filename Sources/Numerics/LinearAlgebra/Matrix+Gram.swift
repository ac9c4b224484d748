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
  /// If there are at least 8 times as many rows, the rows are divided into bands and blocks by the size of the matrix
  /// only. The Gram matrices of the blocks of a band, and then those of the bands, are added in order. Otherwise the
  /// result is divided into tiles.
  ///
  /// - Parameter team: The threads that share the bands or tiles.
  /// - Returns: A matrix of n × n.
  /// - Complexity: m·n² floating-point operations for m × n, and temporary memory of n² elements per band.
  package func columnGram(_ team: ThreadTeam) -> Matrix {
    let columns = columns
    let banded = unsafe elements.withUnsafeBufferPointer { source -> Matrix? in
      guard let from = source.baseAddress else { return nil }
      nonisolated(unsafe) let a = unsafe from
      return unsafe Self.columnGram(rows: rows, columns: columns, team) { band, add in
        unsafe add(a + band.lowerBound * columns)
      }
    }
    return banded ?? gram(team, ofColumns: true)
  }

  /// The same for a long matrix that is not in memory as a whole: each block of rows is made when it is needed, and is
  /// still in the processor's cache when it is multiplied.
  ///
  /// The bits are those of `columnGram(_:)` of the whole matrix.
  ///
  /// - Parameters:
  ///   - rows: m.
  ///   - columns: n.
  ///   - team: The threads that share the bands.
  ///   - make: Returns a block of rows; called once per block, concurrently.
  /// - Returns: A matrix of n × n; `nil` if there are less than 8 times as many rows as columns, and so no bands.
  /// - Complexity: That of `columnGram(_:)`, and temporary memory of one block per thread: 256 rows, or 1 MB if that is more.
  package static func columnGram(
    rows: Int, columns: Int, _ team: ThreadTeam, ofBlock make: @Sendable (Range<Int>) -> Matrix
  ) -> Matrix? {
    unsafe columnGram(rows: rows, columns: columns, team) { rows, add in
      unsafe make(rows).elements.withUnsafeBufferPointer { block in
        if let first = block.baseAddress { unsafe add(first) }
      }
    }
  }

  /// The number of rows of a block: 1 MB, or 256 rows, with which a product has its full speed.
  private static func blockSize(columns: Int) -> Int {
    Swift.max(256, (1 << 17) / Swift.max(1, columns))
  }

  /// Whether a matrix has at least 8 times as many rows as columns, so that its Gram matrix is a sum of bands.
  package static func hasBands(rows: Int, columns: Int) -> Bool {
    rows / (4 * Swift.max(1, columns)) > 1
  }

  private static func columnGram(
    rows: Int, columns n: Int, _ team: ThreadTeam,
    _ withBlock: @Sendable (_ block: Range<Int>, _ add: (UnsafePointer<Double>) -> Void) -> Void
  ) -> Matrix? {
    guard hasBands(rows: rows, columns: n) else { return nil }
    let bandCount = Swift.min(8, rows / (4 * Swift.max(1, n)))
    BLAS.useOneThread()
    var parts = Matrix(repeating: 0, rows: bandCount * n, columns: n)
    unsafe parts.elements.withUnsafeMutableBufferPointer { target in
      guard let to = target.baseAddress else { return }
      nonisolated(unsafe) let g = unsafe to
      team.share(bandCount) { index in
        let (start, end) = (rows * index / bandCount, rows * (index + 1) / bandCount)
        let size = blockSize(columns: n)
        for first in stride(from: start, to: end, by: size) {
          let block = first..<Swift.min(first + size, end)
          unsafe withBlock(block) { elements in
            unsafe cblas_dsyrk(
              CblasRowMajor, CblasUpper, CblasTrans, blasint(n), blasint(block.count), 1, elements,
              blasint(n), first == start ? 0 : 1, g + index * n * n, blasint(n))
          }
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
