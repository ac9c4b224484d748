// Parallel writing of a matrix: each thread receives blocks of rows. The blocks depend on the number of rows only,
// not on the number of threads, so results are bit-identical for any number of threads.

import Synchronization
public import ZerOParallelism
import ZerORequirements

/// Mutable access to consecutive rows of a matrix, while the matrix's owner waits.
///
/// A block cannot be copied or stored, so only one thread writes its rows, and only during the call that receives it.
@safe public struct RowBlock<Scalar: MatrixScalar>: ~Copyable {
  /// The indices of the block's rows in the matrix.
  public let rows: Range<Int>

  /// The number of rows of the whole matrix, m.
  public let rowCount: Int

  /// The number of columns, n.
  public let columns: Int

  /// The address of the first element of the first row.
  let base: UnsafeMutablePointer<Scalar>

  /// The number of elements of the block.
  var count: Int { rows.count * columns }
}

extension Matrix {
  /// The maximum number of rows per block.
  ///
  /// With smaller blocks, BLAS would pack the right factor too often.
  private static var largestBlock: Int { 512 }

  /// The minimum number of rows for which another thread is worth its overhead.
  private static var smallestBlock: Int { 64 }

  /// The number of blocks of a matrix with a given number of rows.
  ///
  /// - Parameter rows: m.
  /// - Returns: ⌈m/512⌉, but at least 2 for m ≥ 128.
  public static func blockCount(rows: Int) -> Int {
    Swift.max((rows + largestBlock - 1) / largestBlock, rows >= 2 * smallestBlock ? 2 : 1)
  }

  /// Writes all rows in blocks, in parallel.
  ///
  /// - Parameters:
  ///   - team: The threads that share the blocks.
  ///   - write: Writes one block. It is called once per block, in any order and concurrently.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public mutating func writeRows(
    _ team: ThreadTeam = .alone, _ write: @Sendable (borrowing RowBlock<Scalar>) -> Void
  ) {
    let count = Self.blockCount(rows: rows)
    withBlocks(count) { blocks in team.share(count, order: .fromBothEnds) { write(blocks($0)) } }
  }

  /// Writes all rows in blocks, in parallel, together with one part of a second matrix per block.
  ///
  /// - Parameters:
  ///   - parts: The second matrix: as many parts as this matrix has blocks, one below the other, with equal numbers
  ///     of rows.
  ///   - team: The threads that share the blocks.
  ///   - write: Writes one block of this matrix and the part with the same index.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public mutating func writeRows(
    with parts: inout Matrix, _ team: ThreadTeam = .alone,
    _ write: @Sendable (borrowing RowBlock<Scalar>, _ part: borrowing RowBlock<Scalar>) -> Void
  ) {
    let count = Self.blockCount(rows: rows)
    require(
      parts.rows.isMultiple(of: count),
      "\(parts.rows) rows do not divide into \(count) parts of the same size")
    withBlocks(count) { blocks in
      parts.withBlocks(count) { parts in
        team.share(count, order: .fromBothEnds) { write(blocks($0), parts($0)) }
      }
    }
  }

  /// Writes all rows in pieces of a given number of rows, in parallel.
  ///
  /// - Parameters:
  ///   - size: The number of rows of all pieces but the last, at least 1.
  ///   - team: The threads that share the pieces.
  ///   - write: Writes one piece. It is called once per piece, in any order and concurrently.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public mutating func writePieces(
    of size: Int, _ team: ThreadTeam = .alone,
    _ write: @Sendable (borrowing RowBlock<Scalar>) -> Void
  ) {
    require(size > 0, "pieces of \(size) rows")
    let (rows, columns) = (rows, columns)
    unsafe elements.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      nonisolated(unsafe) let first = unsafe base
      team.share((rows + size - 1) / size, order: .fromBothEnds) { index in
        let piece = index * size..<Swift.min(rows, (index + 1) * size)
        unsafe write(
          RowBlock(
            rows: piece, rowCount: rows, columns: columns, base: first + piece.lowerBound * columns)
        )
      }
    }
  }

  /// Creates a matrix in uninitialized memory, which a team fills.
  ///
  /// - Parameters:
  ///   - rows: m ≥ 0.
  ///   - columns: n ≥ 0.
  ///   - isOneBlock: Whether all rows form one block, for elements that are read from a stream.
  ///   - team: The threads that share the blocks.
  ///   - write: Writes every element of a block, or throws. After an error no matrix is created, and memory that
  ///     was not written stays untouched.
  /// - Throws: The error of one of the blocks.
  public init<Failure>(
    rows: Int, columns: Int, isOneBlock: Bool, team: ThreadTeam,
    write: @Sendable (borrowing RowBlock<Scalar>) throws(Failure) -> Void
  ) throws(Failure) {
    require(rows >= 0 && columns >= 0, "negative dimensions: \(rows) × \(columns)")
    let size = rows * columns
    let failure = Mutex<Failure?>(nil)
    let elements = unsafe ContiguousArray<Scalar>(unsafeUninitializedCapacity: size) {
      buffer, initialized in
      unsafe Memory.adviseLargePages(buffer.baseAddress, length: size * MemoryLayout<Scalar>.stride)
      let count = isOneBlock ? 1 : Self.blockCount(rows: rows)
      unsafe Self.withBlocks(count, rows, columns, buffer.baseAddress) { blocks in
        team.share(count, order: .fromBothEnds) { index in
          do throws(Failure) {
            try write(blocks(index))
          } catch {
            failure.withLock { $0 = error }
          }
        }
      }
      if failure.withLock({ $0 == nil }) { initialized = size }
    }
    if let failure = failure.withLock({ $0 }) { throw failure }
    self.init(rows: rows, columns: columns, elements: elements)
  }

  /// Creates a matrix from a formula for its elements, in parallel.
  ///
  /// - Parameters:
  ///   - rows: m ≥ 0.
  ///   - columns: n ≥ 0.
  ///   - team: The threads that share the rows.
  ///   - element: Returns the element at row i and column j.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public init(
    rows: Int, columns: Int, _ team: ThreadTeam, element: @Sendable (_ i: Int, _ j: Int) -> Scalar
  ) {
    self.init(rows: rows, columns: columns, isOneBlock: false, team: team) { block in
      var place = unsafe block.base
      for i in block.rows {
        for j in 0..<columns {
          unsafe place.pointee = element(i, j)
          unsafe place += 1
        }
      }
    }
  }

  /// Divides the rows into disjoint blocks.
  private mutating func withBlocks(
    _ count: Int, _ body: (_ block: @Sendable (Int) -> RowBlock<Scalar>) -> Void
  ) {
    let (rows, columns) = (rows, columns)
    unsafe elements.withUnsafeMutableBufferPointer { buffer in
      unsafe Self.withBlocks(count, rows, columns, buffer.baseAddress, body)
    }
  }

  private static func withBlocks(
    _ count: Int, _ rows: Int, _ columns: Int, _ base: UnsafeMutablePointer<Scalar>?,
    _ body: (_ block: @Sendable (Int) -> RowBlock<Scalar>) -> Void
  ) {
    guard let base = unsafe base else { return }
    nonisolated(unsafe) let first = unsafe base
    body { index in
      let block = rows * index / count..<rows * (index + 1) / count
      return unsafe RowBlock(
        rows: block, rowCount: rows, columns: columns, base: first + block.lowerBound * columns)
    }
  }
}
